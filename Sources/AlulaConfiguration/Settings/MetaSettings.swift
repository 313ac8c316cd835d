/// `meta`: who wrote the file last. No effect but on how old spellings are read.
package struct MetaSettings: Hashable, Sendable {
    /// `lastTouchedVersion`, such as `2026.4.12`.
    package var lastTouchedVersion: String?
    /// `lastTouchedAt`, as written.
    package var lastTouchedAt: String?

    /// Nothing known.
    package init() {}

    /// Reads the section.
    init(reading reader: ObjectReader) {
        lastTouchedVersion = reader.text("lastTouchedVersion")
        lastTouchedAt = reader.text("lastTouchedAt")
        reader.finish()
    }

    /// Whether a dated version lies before a month; unknown ones don't.
    static func isBefore(_ version: String?, year: Int, month: Int) -> Bool {
        guard let parts = version?.split(separator: "."), parts.count >= 2, let major = Int(parts[0]),
            let minor = Int(parts[1].prefix { $0.isNumber })
        else { return false }
        return (major, minor) < (year, month)
    }
}

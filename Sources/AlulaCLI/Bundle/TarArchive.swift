import AlulaPrimitives

/// Makes a tape archive in memory, in the format that every `tar` reads (POSIX ustar).
struct TarArchive {
    /// One regular file.
    struct Entry {
        /// With `/` between its parts; ASCII, at most ``TarArchive/maximumName`` bytes.
        var name: String
        var bytes: [UInt8]
    }

    /// What a header holds without its second field for names.
    static let maximumName = 100
    private static let block = 512

    var entries: [Entry] = []
    /// What every entry bears, in whole seconds.
    var modified: Timestamp

    /// The archive, with the two empty blocks that end it.
    var bytes: [UInt8] {
        var result: [UInt8] = []
        for entry in entries {
            result += header(of: entry)
            result += entry.bytes
            result += [UInt8](repeating: 0, count: (Self.block - entry.bytes.count % Self.block) % Self.block)
        }
        return result + [UInt8](repeating: 0, count: 2 * Self.block)
    }

    private func header(of entry: Entry) -> [UInt8] {
        // Names are ours: one that does not fit is a mistake in this program.
        precondition((1...Self.maximumName).contains(entry.name.utf8.count))
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        put(entry.name, at: 0)
        put(Self.octal(0o600, digits: 7), at: 100)
        put(Self.octal(0, digits: 7), at: 108)
        put(Self.octal(0, digits: 7), at: 116)
        put(Self.octal(entry.bytes.count, digits: 11), at: 124)
        put(Self.octal(Int(max(0, modified.milliseconds / 1000)), digits: 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        // The sum counts its own field as spaces, and ends with a zero and a space.
        put(Self.octal(header.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ", at: 148)
        return header
    }

    private static func octal(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 8)
        precondition(text.utf8.count <= digits)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }
}

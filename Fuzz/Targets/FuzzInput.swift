/// Bytes that are taken apart into what a check needs.
///
/// Parts of any length end at a byte FF, which no text in UTF-8 holds, so that corpora are easy to write and to read.
struct FuzzInput {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// Everything that was not taken yet.
    var bytes: [UInt8] { Array(rest) }

    /// The next byte; 0 at the end.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// One of `choices`, by the next byte.
    mutating func choice<Element>(_ choices: [Element]) -> Element { choices[Int(byte()) % choices.count] }

    /// The bytes up to the next FF, or to the end.
    mutating func part() -> [UInt8] {
        let part = rest.prefix { $0 != 0xFF }
        rest = rest.dropFirst(part.count + 1)
        return Array(part)
    }

    /// All further parts.
    mutating func parts(maximum: Int) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        while !rest.isEmpty, parts.count < maximum { parts.append(part()) }
        return parts
    }
}

extension [UInt8] {
    /// The bytes as text; what is not UTF-8 becomes U+FFFD.
    var text: String { String(decoding: self, as: UTF8.self) }

    /// The bytes with `replacement` for each `@@`, which stands for a secret in corpora.
    func planting(_ replacement: String) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < count {
            if self[index] == UInt8(ascii: "@"), index + 1 < count, self[index + 1] == UInt8(ascii: "@") {
                result += replacement.utf8
                index += 2
            } else {
                result.append(self[index])
                index += 1
            }
        }
        return result
    }
}

/// A secret that is looked for in everything that leaves the code under test.
enum Canary {
    static let text = "fake-canary-5e1f9c"

    /// Checks that `shown` does not hold it.
    static func check(_ shown: String, _ what: String) throws(BrokenProperty) {
        try require(!shown.contains(text), "\(what) shows a secret")
    }
}

/// Reads files of variables: `NAME=value` lines, `export`, quotes and comments.
package enum DotEnv {
    /// Most bytes that are looked at.
    package static let maximumBytes = 1 << 20

    /// The variables in order of appearance; the last of a name counts. Lines that make no sense are skipped, since
    /// the file is shared with programs whose rules differ.
    package static func parse(_ bytes: [UInt8]) -> [String: String] {
        var variables: [String: String] = [:]
        let text = String(decoding: bytes.prefix(maximumBytes), as: UTF8.self)
        var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }[...]
        while let line = lines.popFirst() {
            var rest = line.drop { $0.isWhitespace }
            if rest.hasPrefix("export ") { rest = rest.dropFirst(7).drop { $0.isWhitespace } }
            guard !rest.hasPrefix("#"), let equals = rest.firstIndex(of: "=") else { continue }
            let name = String(rest[..<equals]).trimmedOfSpaces
            guard isName(name) else { continue }
            let value = rest[rest.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
            variables[name] = parseValue(value, following: &lines)
        }
        return variables
    }

    /// A quoted value may go on over further lines; a bare one ends at ` #`.
    private static func parseValue(_ start: Substring, following lines: inout ArraySlice<Substring>) -> String {
        guard let quote = start.first, quote == "\"" || quote == "'" || quote == "`" else {
            var value = start
            if let comment = value.range(ofCommentStart: ()) { value = value[..<comment] }
            return String(value).trimmedOfSpaces
        }
        var body = start.dropFirst()
        var value = ""
        while true {
            var isEscaped = false
            var end: Substring.Index?
            for index in body.indices {
                if isEscaped {
                    isEscaped = false
                } else if body[index] == "\\", quote == "\"" {
                    isEscaped = true
                } else if body[index] == quote {
                    end = index
                    break
                }
            }
            if let end { return value + unescaped(body[..<end], in: quote) }
            value += unescaped(body, in: quote)
            guard let next = lines.popFirst() else { return value }
            value += "\n"
            body = next
        }
    }

    private static func unescaped(_ text: Substring, in quote: Character) -> String {
        guard quote == "\"" else { return String(text) }
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                switch character {
                case "n": result.append("\n")
                case "r": result.append("\r")
                case "t": result.append("\t")
                default: result.append(character)
                }
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}

extension String {
    fileprivate var trimmedOfSpaces: String {
        let kept = drop { $0.isWhitespace }
        guard let last = kept.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(kept[...last])
    }
}

extension Substring {
    /// Where a comment begins: a `#` at the start or after white space.
    fileprivate func range(ofCommentStart: Void) -> Index? {
        var previous: Character = " "
        for index in indices {
            if self[index] == "#", previous.isWhitespace { return index }
            previous = self[index]
        }
        return nil
    }
}

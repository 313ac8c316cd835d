import AlulaConfiguration
import AlulaGateway
import AlulaJSON

/// The last net: everything that goes into a bundle passes here, whatever was done to it before.
struct BundleText {
    var names = BundleNames()
    /// Texts that must not be repeated: secrets of the configuration and of the environment, and what was left out.
    var hidden = KnownSecrets.none
    /// Directories with what stands for them, such as the home directory; the longest first.
    var places: [(path: String, sign: String)] = []
    private let redactor = LogRedactor()

    /// A text without what is known, and without what looks like a secret.
    func clean(_ text: String) -> String {
        var text = hidden.hidden(in: Self.withoutAddresses(text))
        for (path, sign) in places where path.utf8.count > 1 { text = Self.replacing(path, by: sign, in: text) }
        return redactor.redacted(names.replaced(in: text))
    }

    /// The same for every text in `value`; the names of members say which of them are secret.
    func clean(_ value: JSONValue, named name: String = "") -> JSONValue {
        switch value {
        case .null, .bool, .number: value
        case .string(let text):
            // What a digest put in the place of a secret tells more than a mask.
            Self.signs.contains(text) ? value : .string(redactor.redacted(clean(text), named: name))
        case .array(let elements): .array(elements.map { clean($0, named: name) })
        case .object(let object):
            .object(JSONObject(object.map { (hidden.hidden(in: $0.key), clean($0.value, named: $0.key)) }))
        }
    }

    /// The part of `path` below the state directory, or a sign that says no more than whose it is.
    func place(_ path: String) -> String {
        for (directory, sign) in places where path == directory || path.hasPrefix(directory + "/") {
            return sign == Self.stateSign ? sign + path.dropFirst(directory.count) : "\(sign)/…"
        }
        return path.isEmpty ? "" : "(path)"
    }

    /// What digests put in the place of a value.
    private static let signs: Set<String> = [
        "(secret)", "(variable)", "(text)", "(number)", "(reference: env)", "(reference: file)", "(reference: exec)",
        "(reference: store)",
    ]
    static let stateSign = "<state>"
    static let homeSign = "~"

    /// `text` with every URL reduced to how something is reached.
    private static func withoutAddresses(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let separator = rest.firstRange(of: "://") {
            var start = separator.lowerBound
            while start > rest.startIndex, rest[rest.index(before: start)].isLetter {
                start = rest.index(before: start)
            }
            let end =
                rest[separator.upperBound...].firstIndex { $0.isWhitespace || "\"'`<>".contains($0) } ?? rest.endIndex
            result += rest[..<start] + ConfigurationDigest.origin(String(rest[start..<end]))
            rest = rest[end...]
        }
        return result + rest
    }

    /// Replaces `path` where it is a whole path or the beginning of one.
    private static func replacing(_ path: String, by sign: String, in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: path) {
            let next = range.upperBound < rest.endIndex ? rest[range.upperBound] : "/"
            let isWhole = !(next.isLetter || next.isNumber || next == "-" || next == "_")
            result += rest[..<range.lowerBound] + (isWhole ? sign : path)
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}

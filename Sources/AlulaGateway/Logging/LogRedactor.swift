import Synchronization

/// Takes out of a line what looks like a secret.
///
/// Secrets of ours have a type that can't be logged; this is the second net, for texts that come from elsewhere: an error
/// message that repeats a header, a URL with a key, a line that another program wrote into the file. The built-in rules
/// always apply; patterns of the configuration come on top.
package struct LogRedactor: Sendable {
    /// What stands in a secret's place.
    static let mask = "***"
    /// Longer lines are not searched for the configuration's patterns, whose cost nobody knows.
    static let maximumPatternLine = 16 << 10

    /// The configuration's patterns, compiled.
    private final class Patterns: Sendable {
        let expressions: Mutex<[Regex<AnyRegexOutput>]>

        init(_ expressions: sending [Regex<AnyRegexOutput>]) { self.expressions = Mutex(expressions) }
    }

    /// Patterns that are none.
    let invalidPatterns: [String]
    private let patterns: Patterns?

    /// - Parameter patterns: Regular expressions, bare or as `/…/i`. What the last group matched is taken out, or the whole
    ///   match of a pattern without groups.
    package init(patterns: [String] = []) {
        var invalid: [String] = []
        var compiled: [Regex<AnyRegexOutput>] = []
        for pattern in patterns where !pattern.isEmpty {
            do { compiled.append(try Self.expression(pattern)) } catch { invalid.append(pattern) }
        }
        invalidPatterns = invalid
        self.patterns = compiled.isEmpty ? nil : Patterns(compiled)
    }

    /// `text` without what looks like a secret.
    package func redacted(_ text: String) -> String {
        var scanner = SecretScanner(text)
        let scanned = scanner.redacted() ?? text
        guard let patterns, scanned.utf8.count <= Self.maximumPatternLine else { return scanned }
        return patterns.expressions.withLock { expressions in
            expressions.reduce(scanned) { text, expression in Self.masking(expression, in: text) }
        }
    }

    /// The value of a field; of one whose name says that it is secret, nothing is left.
    package func redacted(_ value: String, named name: String) -> String {
        SecretScanner.isSecretName(Array(name.utf8)[...]) && !value.isEmpty ? Self.mask : redacted(value)
    }

    /// Whether what bears this name is secret.
    package static func isSecretName(_ name: String) -> Bool { SecretScanner.isSecretName(Array(name.utf8)[...]) }

    private static func expression(_ pattern: String) throws -> Regex<AnyRegexOutput> {
        guard pattern.hasPrefix("/"), let end = pattern.dropFirst().lastIndex(of: "/") else {
            return try Regex(pattern)
        }
        let source = String(pattern[pattern.index(after: pattern.startIndex)..<end])
        let flags = pattern[pattern.index(after: end)...]
        return try Regex(source).ignoresCase(flags.contains("i"))
    }

    private static func masking(_ expression: Regex<AnyRegexOutput>, in text: String) -> String {
        let matches = text.matches(of: expression)
        guard !matches.isEmpty else { return text }
        var result = ""
        var rest = text.startIndex
        for match in matches {
            let group = match.output.dropFirst().last { $0.range.map { !$0.isEmpty } ?? false }?.range
            let range = group ?? match.range
            guard !range.isEmpty, range.lowerBound >= rest else { continue }
            result += text[rest..<range.lowerBound] + mask
            rest = range.upperBound
        }
        return result + text[rest...]
    }
}

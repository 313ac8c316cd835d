/// Finds what looks like a secret in one pass over a text's bytes.
///
/// It knows the prefixes of the common kinds of keys, `Bearer` and `Basic`, user names in URLs, private keys in PEM, bot
/// tokens, and values that follow a name such as `token`, `api_key` or `--password`, in quotes, escaped quotes or bare.
struct SecretScanner {
    /// How a kind of key begins, and how many characters follow at least.
    private static let prefixes: [(prefix: [UInt8], minimum: Int)] = [
        ("sk-", 12), ("sk_", 12), ("rk_", 12), ("pk_live_", 8), ("ghp_", 8), ("gho_", 8), ("ghu_", 8), ("ghs_", 8),
        ("ghr_", 8), ("github_pat_", 8), ("glpat-", 8), ("xoxb-", 6), ("xoxa-", 6), ("xoxp-", 6), ("xoxr-", 6),
        ("xoxs-", 6), ("xapp-", 6), ("gsk_", 8), ("AIza", 16), ("ya29.", 8), ("pplx-", 8), ("npm_", 8), ("hf_", 8),
        ("xai-", 12), ("AKIA", 16), ("ASIA", 16), ("eyJ", 24), ("1//0", 16),
    ].map { (Array($0.0.utf8), $0.1) }
    private static let firstBytes = Set(prefixes.compactMap(\.prefix.first))
    /// How the name of a secret ends, in lower case and without separators.
    private static let secretEndings: [[UInt8]] = [
        "apikey", "token", "secret", "password", "passwd", "passphrase", "accesskey", "secretkey", "privatekey",
        "authorization", "cookie",
    ].map { Array($0.utf8) }
    /// Bare words after such a name that tell something and give nothing away.
    private static let harmless: Set<String> = [
        "", "***", "true", "false", "null", "nil", "undefined", "none", "missing", "present", "required", "is", "was",
        "bearer", "basic",
    ]

    private let bytes: [UInt8]
    private var output: [UInt8] = []
    private var position = 0
    private var copied = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The text without secrets; `nil` when it holds none.
    mutating func redacted() -> String? {
        while position < bytes.count {
            if bytes.startsSubrange(at: position, with: "-----BEGIN ") {
                takePrivateKey()
            } else if bytes.startsSubrange(at: position, with: "://") {
                position += 3
                takeUserName()
            } else if Self.isWord(bytes[position]) {
                takeWord()
            } else {
                position += 1
            }
        }
        guard copied > 0 else { return nil }
        output += bytes[copied...]
        return String(decoding: output, as: UTF8.self)
    }

    /// Whether what bears this name is secret: `OPENAI_API_KEY`, `gateway.auth.token`, `--password`.
    static func isSecretName(_ name: ArraySlice<UInt8>) -> Bool {
        secretEndings.contains { ending in
            var rest = name
            for expected in ending.reversed() {
                while let last = rest.last, isSeparator(last) { rest.removeLast() }
                guard let last = rest.popLast(), last | 0x20 == expected else { return false }
            }
            return true
        }
    }

    // MARK: Kinds

    private mutating func takeWord() {
        let start = position
        while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
        let word = bytes[start..<position]
        if Self.firstBytes.contains(bytes[start]) {
            for (prefix, minimum) in Self.prefixes where bytes[start...].starts(with: prefix) {
                let end = endOfToken(from: start)
                guard end - start >= prefix.count + minimum else { continue }
                return replace(start + prefix.count..<end)
            }
        }
        if word.count >= 6, word.allSatisfy({ (48...57).contains($0) }) || Self.isBot(word),
            position < bytes.count, bytes[position] == UInt8(ascii: ":")
        {
            let end = endOfToken(from: position + 1)
            if end - position > 24 { return replace(position + 1..<end) }
        }
        if word.isWord("bearer") || word.isWord("basic") { return takeScheme() }
        if Self.isSecretName(word) { takeValue(after: start) }
    }

    /// `bot123456`, as in the paths of a chat service.
    private static func isBot(_ word: ArraySlice<UInt8>) -> Bool {
        word.starts(with: Array("bot".utf8)) && word.count >= 9
            && word.dropFirst(3).allSatisfy { (48...57).contains($0) }
    }

    /// `Bearer …`: the word was read.
    private mutating func takeScheme() {
        guard position < bytes.count, bytes[position] == UInt8(ascii: " ") else { return }
        let start = position + 1
        let end = endOfToken(from: start)
        // A word of a sentence is no credential.
        let hasDigit = bytes[start..<end].contains { (48...57).contains($0) }
        if end - start >= (hasDigit ? 8 : 24) { replace(start..<end) }
    }

    /// What follows a name: a separator, perhaps quotes, and the value.
    private mutating func takeValue(after nameStart: Int) {
        var place = position
        skip(&place) { $0 == UInt8(ascii: "\\") || Self.isQuote($0) }
        let quotesEnd = place
        skip(&place) { $0 == UInt8(ascii: " ") }
        guard place < bytes.count else { return }
        var minimum = 1
        if bytes[place] == UInt8(ascii: "=") || bytes[place] == UInt8(ascii: ":") {
            place += 1
        } else {
            // Only a flag is followed by its value without a sign between them.
            guard quotesEnd == position, bytes[nameStart] == UInt8(ascii: "-"), place > quotesEnd else { return }
            minimum = 6
        }
        skip(&place) { $0 == UInt8(ascii: " ") }
        let opening = place
        skip(&place) { $0 == UInt8(ascii: "\\") }
        let isEscaped = place > opening
        let quote = place < bytes.count && Self.isQuote(bytes[place]) ? bytes[place] : nil
        if quote != nil { place += 1 } else { place = opening }
        for scheme in ["Bearer ", "Basic ", "bearer ", "basic "] where bytes[place...].starts(with: scheme.utf8) {
            place += scheme.utf8.count
        }
        let start = place
        let variablesEnd = endOfVariables(from: start)
        if let quote {
            skipQuoted(&place, quote, isEscaped: isEscaped)
        } else {
            place = variablesEnd ?? place
            skip(&place) { !Self.endsBareValue($0) }
        }
        let value = String(decoding: bytes[start..<place], as: UTF8.self)
        // `${NAME}` says where a secret is; with anything behind it, it may be part of one.
        guard place - start >= minimum, !Self.harmless.contains(value.lowercased()), place != variablesEnd else {
            return position = place
        }
        replace(start..<place)
    }

    /// The place behind one `${NAME}` or several at `start`; `nil` when none is there.
    private func endOfVariables(from start: Int) -> Int? {
        var end: Int?
        while bytes.startsSubrange(at: end ?? start, with: "${") {
            let name = (end ?? start) + 2
            var place = name
            skip(&place) { Self.isWord($0) && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ".") }
            guard place > name, place < bytes.count, bytes[place] == UInt8(ascii: "}") else { break }
            end = place + 1
        }
        return end
    }

    /// Goes to the closing quote, which is escaped itself where the opening one was.
    private func skipQuoted(_ place: inout Int, _ quote: UInt8, isEscaped: Bool) {
        while place < bytes.count, isEscaped || bytes[place] != quote {
            guard bytes[place] == UInt8(ascii: "\\") else {
                place += 1
                continue
            }
            let run = place
            skip(&place) { $0 == UInt8(ascii: "\\") }
            if isEscaped, place - run == 1, place < bytes.count, bytes[place] == quote { return place = run }
            place = min(place + 1, bytes.count)
        }
    }

    private mutating func takeUserName() {
        var place = position
        skip(&place) { $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "@") && !Self.isQuote($0) }
        if place > position, place < bytes.count, bytes[place] == UInt8(ascii: "@") { replace(position..<place) }
    }

    private mutating func takePrivateKey() {
        let start = position
        var place = position + 11
        skip(&place) { $0 != UInt8(ascii: "-") }
        guard bytes[start..<place].containsWord("PRIVATE KEY") else { return position = place }
        while place < bytes.count, !bytes.startsSubrange(at: place, with: "-----END") { place += 1 }
        replace(start + 5..<place)
    }

    // MARK: Steps

    private mutating func replace(_ range: Range<Int>) {
        output += bytes[copied..<range.lowerBound] + Array(LogRedactor.mask.utf8)
        copied = range.upperBound
        position = range.upperBound
    }

    private func endOfToken(from start: Int) -> Int {
        var place = start
        skip(&place, Self.isToken)
        return place
    }

    private func skip(_ place: inout Int, _ isSkipped: (UInt8) -> Bool) {
        while place < bytes.count, isSkipped(bytes[place]) { place += 1 }
    }

    // MARK: Bytes

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: isSeparator(byte)
        }
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "~"): true
        default: isWord(byte)
        }
    }

    private static func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`")
    }

    private static func endsBareValue(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: ")"), UInt8(ascii: "]"),
            UInt8(ascii: "}"), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"):
            true
        default: isQuote(byte)
        }
    }
}

extension [UInt8] {
    fileprivate func startsSubrange(at place: Int, with text: StaticString) -> Bool {
        guard count - place >= text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { pattern in
            for offset in pattern.indices where self[place + offset] != pattern[offset] { return false }
            return true
        }
    }
}

extension ArraySlice<UInt8> {
    /// Whether these are the letters of `word`, which is in lower case.
    fileprivate func isWord(_ word: String) -> Bool { elementsEqual(word.utf8) { ($0 | 0x20) == $1 } }

    fileprivate func containsWord(_ word: String) -> Bool {
        let pattern = Array(word.utf8)
        guard count >= pattern.count else { return false }
        return (startIndex...endIndex - pattern.count).contains { self[$0...].starts(with: pattern) }
    }
}

import AlulaJSON

/// Texts that are hidden in one place and may be repeated in another, such as a comment.
package struct KnownSecrets: Sendable {
    /// Shorter ones are not looked for: they would be found in half the words of a file, and say little by themselves.
    static let minimumLength = 6
    /// So many bytes of a secret are compared before all of it is.
    private static let prefixLength = 4

    /// None.
    package static let none = KnownSecrets([])

    /// The texts that are looked for.
    let texts: Set<String>
    /// Secrets by their first bytes, the longest first.
    private let byPrefix: [UInt32: [[UInt8]]]
    /// Which bytes a secret begins with, and which come second: most places of a text are passed over by these alone.
    private let starts: (first: [Bool], second: [Bool])

    /// Keeps what can be looked for. Names of variables and pointers to them often stand in the place of a secret, and
    /// are none.
    package init(_ texts: Set<String>) {
        self.texts = texts.filter { text in
            text.utf8.count >= Self.minimumLength && !ConfigurationView.placeholder.contains(text)
                && !(SecretReferenceText.isVariableName(text) && text.contains("_"))
                && !SecretReferenceText.isWholeReference(text)
        }
        let secrets = self.texts.map { Array($0.utf8) }.sorted { $0.count > $1.count }
        byPrefix = Dictionary(grouping: secrets) { Self.prefix($0[...]) }
        var (first, second) = ([Bool](repeating: false, count: 256), [Bool](repeating: false, count: 256))
        for secret in secrets {
            first[Int(secret[0])] = true
            second[Int(secret[1])] = true
        }
        starts = (first, second)
    }

    /// These and others.
    package func union(_ other: KnownSecrets) -> KnownSecrets {
        if other.texts.isSubset(of: texts) { return self }
        return texts.isSubset(of: other.texts) ? other : KnownSecrets(texts.union(other.texts))
    }

    /// `text` with markers for the secrets in it.
    package func hidden(in text: String) -> String {
        guard !byPrefix.isEmpty, text.utf8.count >= Self.minimumLength else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var clean = 0
        var place = 0
        while place + Self.prefixLength <= bytes.count {
            let rest = bytes[place...]
            guard starts.first[Int(bytes[place])], starts.second[Int(bytes[place + 1])],
                let secret = byPrefix[Self.prefix(rest)]?.first(where: { rest.starts(with: $0) })
            else {
                place += 1
                continue
            }
            result += bytes[clean..<place]
            result += Array(ConfigurationView.placeholder.utf8)
            place += secret.count
            clean = place
        }
        if clean == 0 { return text }
        return String(decoding: result + bytes[clean...], as: UTF8.self)
    }

    private static func prefix(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.prefix(prefixLength).reduce(0) { $0 << 8 | UInt32($1) }
    }
}

extension KnownSecrets: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(texts.count) secrets" }
    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }
}

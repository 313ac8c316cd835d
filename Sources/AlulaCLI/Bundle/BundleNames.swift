import AlulaModels
import AlulaPrimitives

/// Gives names that somebody chose a pseudonym, the same one wherever the name turns up.
struct BundleNames {
    /// What bears the name. Raw values begin the pseudonyms.
    enum Kind: String, CaseIterable {
        case profile
        case agent
        case provider
        case model
        case key
        case file
    }

    /// Shorter names are replaced only where they are the whole text: they would be found in half the words of a log.
    private static let minimumInText = 4

    private var pseudonyms: [String: String] = [:]
    private var counts: [Kind: Int] = [:]
    /// How long names are that begin with these bytes, the longest first: a log is searched for thousands of names at once.
    private var lengths: [ArraySlice<UInt8>: [Int]] = [:]

    /// The names that have a pseudonym.
    var known: Set<String> { Set(pseudonyms.keys) }

    /// The pseudonym of `name`, or the name itself where everybody knows it.
    mutating func name(_ name: String, _ kind: Kind) -> String {
        if name.isEmpty || Self.isPublic(name, kind) { return name }
        if let known = pseudonyms[name] { return known }
        counts[kind, default: 0] += 1
        let pseudonym = "<\(kind.rawValue)-\(counts[kind, default: 0])>"
        pseudonyms[name] = pseudonym
        let bytes = Array(name.utf8)
        if bytes.count >= Self.minimumInText {
            var known = lengths[bytes.prefix(Self.minimumInText)] ?? []
            if !known.contains(bytes.count) { known.append(bytes.count) }
            lengths[bytes.prefix(Self.minimumInText)] = known.sorted(by: >)
        }
        return pseudonym
    }

    /// `provider/model@profile` with what is public in it: models of built-in providers bear names that the provider gave.
    mutating func model(_ text: String) -> String {
        guard let reference = ModelReference(text), ProviderTable.builtIn[reference.provider] != nil,
            Self.isWord(reference.model.rawValue)
        else { return name(text, .model) }
        let pin = reference.profile.map { "@" + name($0.rawValue, .profile) } ?? ""
        return "\(reference.unpinned)\(pin)"
    }

    /// `text` with pseudonyms in the place of all names that are known so far.
    func replaced(in text: String) -> String {
        if let whole = pseudonyms[text] { return whole }
        guard !lengths.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            // What stands in brackets is a pseudonym already, and may read like a name.
            if let end = endOfPseudonym(bytes, at: place) {
                result += bytes[place..<end]
                place = end
            } else if place == 0 || !Self.isWordByte(bytes[place - 1]), let found = match(bytes, at: place) {
                result += Array(found.pseudonym.utf8)
                place += found.length
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func endOfPseudonym(_ bytes: [UInt8], at place: Int) -> Int? {
        guard bytes[place] == UInt8(ascii: "<"),
            let end = bytes[place...].prefix(24).firstIndex(of: UInt8(ascii: ">"))
        else { return nil }
        let parts = bytes[(place + 1)..<end].split(separator: UInt8(ascii: "-"))
        guard parts.count == 2, let number = Int(String(decoding: parts[1], as: UTF8.self)),
            let kind = Kind(rawValue: String(decoding: parts[0], as: UTF8.self)), number > 0,
            number <= counts[kind, default: 0]
        else { return nil }
        return end + 1
    }

    private func match(_ bytes: [UInt8], at place: Int) -> (pseudonym: String, length: Int)? {
        guard bytes.count - place >= Self.minimumInText else { return nil }
        for length in lengths[bytes[place..<place + Self.minimumInText]] ?? [] where place + length <= bytes.count {
            let end = place + length
            guard end == bytes.count || !Self.isWordByte(bytes[end]) else { continue }
            if let pseudonym = pseudonyms[String(decoding: bytes[place..<end], as: UTF8.self)] {
                return (pseudonym, length)
            }
        }
        return nil
    }

    private static func isPublic(_ name: String, _ kind: Kind) -> Bool {
        switch kind {
        case .provider: ProviderTable.builtIn.ids.contains(ProviderID(name)) || name == "*"
        case .agent: name == AgentID.main.rawValue || name == "*"
        case .key: ProviderTable.builtIn.variables.contains(name)
        case .profile, .model, .file: false
        }
    }

    /// Whether `text` looks like a model's name, and not like a sentence or a key.
    private static func isWord(_ text: String) -> Bool {
        text.utf8.count <= 64
            && text.utf8.allSatisfy { isWordByte($0) || [0x2E, 0x2F, 0x3A, 0x2A].contains($0) }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}

import AlulaJSON

/// Where a value was written. Files are numbered in the order of their reading.
struct SourcePlace: Hashable, Sendable {
    /// Number of the file.
    let file: UInt32
    /// The first is 1.
    let line: UInt32
    /// The first is 1.
    let column: UInt32

    /// A place in the file with that number.
    init(file: Int, line: Int, column: Int) {
        self.file = UInt32(truncatingIfNeeded: file)
        self.line = UInt32(truncatingIfNeeded: line)
        self.column = UInt32(truncatingIfNeeded: column)
    }

    /// A place in the file with that number.
    init(file: Int, _ position: SourcePosition) { self.init(file: file, line: position.line, column: position.column) }
}

/// A value of the configuration while it is put together from files, with its place.
struct ConfigurationNode: Sendable {
    /// What a value is.
    enum Kind: Sendable {
        case null
        case bool(Bool)
        case number(JSONNumber)
        /// A text, and how it was written when variables were put into it.
        case string(String, authored: String?)
        case array([ConfigurationNode])
        case object(ConfigurationMembers)
    }

    /// What it is.
    var kind: Kind
    /// Where it is written.
    let place: SourcePlace

    /// The value without places.
    var value: JSONValue {
        switch kind {
        case .null: .null
        case .bool(let bool): .bool(bool)
        case .number(let number): .number(number)
        case .string(let text, _): .string(text)
        case .array(let elements): .array(elements.map(\.value))
        case .object(let members): .object(JSONObject(members.all.map { ($0.key, $0.node.value) }))
        }
    }

    /// The members of an object, or `nil`.
    var members: ConfigurationMembers? { if case .object(let members) = kind { members } else { nil } }
    /// The elements of an array, or `nil`.
    var elements: [ConfigurationNode]? { if case .array(let elements) = kind { elements } else { nil } }
    /// The text, or `nil`.
    var string: String? { if case .string(let text, _) = kind { text } else { nil } }
    /// Whether this is `null`.
    var isNull: Bool { if case .null = kind { true } else { false } }

    /// For messages: what the value is, with its article.
    var kindName: String {
        switch kind {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// This value with `other` laid over it: objects merge member by member, arrays are joined, and everything else is
    /// replaced.
    func merging(_ other: ConfigurationNode) -> ConfigurationNode {
        switch (kind, other.kind) {
        case (.object(var members), .object(let further)):
            for member in further.all {
                members.set(member) { $0.merging(member.node) }
            }
            return ConfigurationNode(kind: .object(members), place: place)
        case (.array(let elements), .array(let further)):
            return ConfigurationNode(kind: .array(elements + further), place: place)
        default:
            return other
        }
    }
}

/// The members of an object in order, found by key.
struct ConfigurationMembers: Sendable {
    /// A key with its value and place.
    struct Member: Sendable {
        let key: String
        let keyPlace: SourcePlace
        var node: ConfigurationNode
    }

    /// Up to this many members are searched one by one, which is faster than hashing.
    private static let searchedMembers = 12

    private(set) var all: [Member] = []
    /// Places in ``all`` by key; empty while there are few.
    private var places: [String: Int] = [:]

    /// The member under `key`, or `nil`.
    subscript(key: String) -> Member? { place(of: key).map { all[$0] } }

    private func place(of key: String) -> Int? {
        all.count > Self.searchedMembers ? places[key] : all.firstIndex { $0.key == key }
    }

    /// Adds `member`; if its key is there already, its node becomes what `combine` makes of the old one.
    mutating func set(_ member: Member, combine: (ConfigurationNode) -> ConfigurationNode) {
        if let place = place(of: member.key) {
            all[place] = Member(key: member.key, keyPlace: member.keyPlace, node: combine(all[place].node))
        } else {
            all.append(member)
            if all.count == Self.searchedMembers + 1 {
                for (place, member) in all.enumerated() { places[member.key] = place }
            } else if all.count > Self.searchedMembers {
                places[member.key] = all.count - 1
            }
        }
    }

    /// Gives the member at `index` another value.
    mutating func replaceNode(at index: Int, with node: ConfigurationNode) { all[index].node = node }
}

/// The members of an object, in order. A key that comes twice keeps its first place and its last value.
package struct JSONObject: Sendable {
    /// One key with its value.
    package typealias Element = (key: String, value: JSONValue)

    /// Up to this many members are searched one by one, which is faster than hashing and needs no index.
    private static let searchedMembers = 12

    private var members: [Element] = []
    /// Places in ``members`` by key; empty while there are few.
    private var places: [String: Int] = [:]

    /// An object without members.
    package init() {}

    /// Takes `members` in order; the last value of a repeated key wins.
    package init(_ members: some Sequence<(String, JSONValue)>) {
        self.members.reserveCapacity(members.underestimatedCount)
        for (key, value) in members { set(key, to: value) }
    }

    /// The keys, in order.
    package var keys: [String] { members.map(\.key) }
    /// How many members there are.
    package var count: Int { members.count }
    /// Whether there is no member.
    package var isEmpty: Bool { members.isEmpty }

    /// Reads a member; assigning `nil` removes it, assigning to a new key appends.
    package subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            if let newValue { set(key, to: newValue) } else { remove(key) }
        }
    }

    /// Takes out many members at once. One at a time, each would move all that come after it.
    package mutating func removeAll(where isRemoved: (Element) throws -> Bool) rethrows {
        let kept = try members.filter { try !isRemoved($0) }
        guard kept.count < members.count else { return }
        self = JSONObject(adopting: kept)
    }

    /// Takes over `members`, whose keys are seldom repeated.
    init(adopting members: [Element]) {
        guard members.count <= Self.searchedMembers, !Self.repeatsKey(members) else {
            self.members.reserveCapacity(members.count)
            places.reserveCapacity(members.count)
            for (key, value) in members { set(key, to: value) }
            return
        }
        self.members = members
    }

    private static func repeatsKey(_ members: [Element]) -> Bool {
        for index in members.indices.dropFirst() {
            for earlier in 0..<index where members[earlier].key == members[index].key { return true }
        }
        return false
    }

    private mutating func set(_ key: String, to value: JSONValue) {
        if let place = place(of: key) {
            members[place].value = value
            return
        }
        members.append((key, value))
        if members.count == Self.searchedMembers + 1 {
            for (place, member) in members.enumerated() { places[member.key] = place }
        } else if members.count > Self.searchedMembers {
            places[key] = members.count - 1
        }
    }

    private mutating func remove(_ key: String) {
        guard let place = place(of: key) else { return }
        let rest = members[..<place] + members[(place + 1)...]
        self = JSONObject()
        for member in rest { set(member.key, to: member.value) }
    }

    private func place(of key: String) -> Int? {
        members.count > Self.searchedMembers ? places[key] : members.firstIndex { $0.key == key }
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> IndexingIterator<[Element]> { members.makeIterator() }
    package var underestimatedCount: Int { members.count }
}

extension JSONObject: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.members.elementsEqual(right.members) { $0.key == $1.key && $0.value == $1.value }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(members.count)
        for member in members {
            hasher.combine(member.key)
            hasher.combine(member.value)
        }
    }
}

import AlulaJSON
import AlulaPrimitives

/// Reads the members of one object, leniently: a value of the wrong kind is a problem and counts as absent, and members
/// that nobody asked for are warned about at the end.
final class ObjectReader {
    /// Where the object stands.
    let path: ConfigurationPath
    /// Where it is written.
    let place: SourcePlace
    /// Where problems go.
    let problems: ProblemCollector
    /// What a wrong value leads to, as a sentence.
    let consequence: String
    private let members: ConfigurationMembers
    private var asked: Set<String> = []

    /// Reads `members`, which stand at `path`.
    init(
        _ members: ConfigurationMembers, path: ConfigurationPath, place: SourcePlace, problems: ProblemCollector,
        consequence: String = "The default counts instead."
    ) {
        self.members = members
        self.path = path
        self.place = place
        self.problems = problems
        self.consequence = consequence
    }

    // MARK: Problems

    /// Reports a value that can't be used.
    func refuse(
        _ code: ConfigurationProblem.Code, _ key: String? = nil, _ message: String, remedy: String = ""
    ) {
        problems.add(
            .error, code, key.map(path.appending) ?? path, at: place(of: key), message + " " + consequence,
            remedy: remedy)
    }

    /// Reports something that works all the same.
    func warn(_ code: ConfigurationProblem.Code, _ key: String? = nil, _ message: String, remedy: String = "") {
        problems.add(.warning, code, key.map(path.appending) ?? path, at: place(of: key), message, remedy: remedy)
    }

    private func place(of key: String?) -> SourcePlace { key.flatMap { members[$0]?.node.place } ?? place }

    private func wrongType(_ key: String, _ node: ConfigurationNode, expected: String) {
        problems.add(
            .error, .wrongType, path.appending(key), at: node.place,
            "This must be \(expected) and is \(node.kindName). \(consequence)")
    }

    /// Runs `body`; returns its result only when it reported no error.
    func unlessRefused<Result>(_ body: () -> Result?) -> Result? {
        let errors = problems.errorCount
        let result = body()
        return problems.errorCount == errors ? result : nil
    }

    // MARK: Members

    /// The member's value; `null` counts as absent.
    func node(_ key: String) -> ConfigurationNode? {
        asked.insert(key)
        guard let node = members[key]?.node, !node.isNull else { return nil }
        return node
    }

    /// Whether the member is there and not `null`.
    func has(_ key: String) -> Bool { node(key) != nil }

    /// All keys, in order.
    var keys: [String] { members.all.map(\.key) }

    /// The member as it is, for parts that are kept and not interpreted.
    func verbatim(_ key: String) -> JSONValue? { node(key)?.value }

    /// Marks keys as known.
    func ignore(_ keys: String...) { asked.formUnion(keys) }

    /// A text; an empty one counts as absent.
    func text(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        guard let text = node.string else {
            wrongType(key, node, expected: "text")
            return nil
        }
        return text.isEmpty ? nil : text
    }

    /// A text that must be there.
    func requiredText(_ key: String) -> String? {
        if let text = text(key) { return text }
        if node(key)?.string != nil || !has(key) { refuse(.missingValue, key, "\"\(key)\" is missing.") }
        return nil
    }

    /// True or false.
    func flag(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        guard case .bool(let flag) = node.kind else {
            wrongType(key, node, expected: "true or false")
            return nil
        }
        return flag
    }

    /// A whole number within `range`.
    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = node(key) else { return nil }
        guard case .number(let number) = node.kind else {
            wrongType(key, node, expected: "a whole number")
            return nil
        }
        guard let integer = number.integer, let value = Int(exactly: integer), range.contains(value) else {
            let limits =
                range.upperBound == .max ? "\(range.lowerBound) on" : "\(range.lowerBound) to \(range.upperBound)"
            refuse(.outOfRange, key, "This must be a whole number from \(limits).")
            return nil
        }
        return value
    }

    /// A finite number within `range`.
    func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let node = node(key) else { return nil }
        return number(node, path: path.appending(key), in: range)
    }

    /// A finite number within `range`, which stands at `path`.
    func number(_ node: ConfigurationNode, path: ConfigurationPath, in range: ClosedRange<Double>) -> Double? {
        guard case .number(let number) = node.kind else {
            problems.add(
                .error, .wrongType, path, at: node.place,
                "This must be a number and is \(node.kindName). \(consequence)")
            return nil
        }
        guard number.double.isFinite, range.contains(number.double) else {
            problems.add(
                .error, .outOfRange, path, at: node.place,
                "This must be a number from \(Self.spelled(range.lowerBound)) to \(Self.spelled(range.upperBound)). "
                    + consequence)
            return nil
        }
        return number.double
    }

    private static func spelled(_ number: Double) -> String { JSONNumber(number).text }

    /// A whole number of milliseconds.
    func milliseconds(_ key: String, in range: ClosedRange<Int>) -> Duration? {
        integer(key, in: range).map { .milliseconds($0) }
    }

    /// One word of a closed set.
    func choice<Word: RawRepresentable<String> & CaseIterable>(_ key: String, as words: Word.Type) -> Word? {
        guard let node = node(key) else { return nil }
        let spellings = Word.allCases.map(\.rawValue)
        let list = spellings.joined(separator: ", ")
        guard let text = node.string else {
            wrongType(key, node, expected: "one of \(list)")
            return nil
        }
        if let word = Word(rawValue: text) { return word }
        let nearest = NearestName.suggest(text, among: spellings)
        refuse(
            .invalidValue, key, "This must be one of \(list).", remedy: nearest.map { "Did you mean \"\($0)\"?" } ?? "")
        return nil
    }

    /// A list of texts; `nil` when an element is something else.
    func texts(_ key: String) -> [String]? {
        guard let node = node(key) else { return nil }
        guard let elements = node.elements else {
            wrongType(key, node, expected: "a list of texts")
            return nil
        }
        for (index, element) in elements.enumerated() where element.string == nil {
            problems.add(
                .error, .wrongType, path.appending(key).appending(index), at: element.place,
                "This must be text and is \(element.kindName). \(consequence)")
        }
        let texts = elements.compactMap(\.string)
        return texts.count == elements.count ? texts : nil
    }

    /// The reader of an object within this one.
    func object(_ key: String, consequence: String? = nil) -> ObjectReader? {
        guard let node = node(key) else { return nil }
        return reader(of: node, at: path.appending(key), consequence: consequence)
    }

    /// The values of an object whose keys are names somebody chose, in order. `null` values are left out.
    func entries(_ key: String) -> [(name: String, node: ConfigurationNode, path: ConfigurationPath)] {
        guard let node = node(key) else { return [] }
        guard let members = node.members else {
            wrongType(key, node, expected: "an object")
            return []
        }
        let inner = path.appending(key)
        return members.all.filter { !$0.node.isNull }.map { ($0.key, $0.node, inner.appending($0.key)) }
    }

    /// The elements of a list.
    func elements(_ key: String) -> [(node: ConfigurationNode, path: ConfigurationPath)] {
        guard let node = node(key) else { return [] }
        guard let elements = node.elements else {
            wrongType(key, node, expected: "a list")
            return []
        }
        let inner = path.appending(key)
        return elements.enumerated().map { ($1, inner.appending($0)) }
    }

    /// A reader for `node`, or `nil` with a problem when it is no object.
    func reader(of node: ConfigurationNode, at path: ConfigurationPath, consequence: String? = nil) -> ObjectReader? {
        let consequence = consequence ?? self.consequence
        guard let members = node.members else {
            problems.add(
                .error, .wrongType, path, at: node.place,
                "This must be an object and is \(node.kindName). \(consequence)")
            return nil
        }
        return ObjectReader(members, path: path, place: node.place, problems: problems, consequence: consequence)
    }

    /// Warns about every member that was neither read nor ignored.
    func finish() {
        let unknown = members.all.filter { !asked.contains($0.key) }
        guard !unknown.isEmpty else { return }
        let known = asked.sorted()
        for member in unknown {
            let nearest = problems.isFull ? nil : NearestName.suggest(member.key, among: known)
            problems.add(
                .warning, .unknownKey, path.appending(member.key), at: member.keyPlace,
                "The key is not known here; it is kept and has no effect.",
                remedy: nearest.map { "Did you mean \"\($0)\"?" } ?? "")
        }
    }
}

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
    /// Takes down what is asked for, while the schema is made; `nil` while a configuration is read.
    let recorder: SchemaRecorder?
    private let members: ConfigurationMembers
    private var asked: Set<String> = []

    /// Reads `members`, which stand at `path`.
    init(
        _ members: ConfigurationMembers, path: ConfigurationPath, place: SourcePlace, problems: ProblemCollector,
        consequence: String = "The default counts instead.", recorder: SchemaRecorder? = nil
    ) {
        self.members = members
        self.path = path
        self.place = place
        self.problems = problems
        self.consequence = consequence
        self.recorder = recorder
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

    /// The member's value whatever it is; `null` counts as absent.
    func node(_ key: String) -> ConfigurationNode? {
        recorder?.look(at: path.appending(key))
        return present(key)
    }

    /// The member's value, of which `kind` is expected; `null` counts as absent.
    func node(_ key: String, _ kind: @autoclosure () -> ConfigurationSchema.Kind) -> ConfigurationNode? {
        recorder?.note(kind(), at: path.appending(key))
        return present(key)
    }

    private func present(_ key: String) -> ConfigurationNode? {
        asked.insert(key)
        guard let node = members[key]?.node, !node.isNull else { return nil }
        return node
    }

    /// Whether the member is there and not `null`.
    func has(_ key: String) -> Bool { node(key) != nil }

    /// All keys, in order: names that somebody chose.
    var keys: [String] {
        recorder?.note(.map, at: path)
        return members.all.map(\.key)
    }

    /// The keys that are not among `known`, in order, for objects that may hold nothing else.
    func keys(besides known: [String]) -> [String] {
        recorder?.close(path)
        return members.all.map(\.key).filter { !known.contains($0) }
    }

    /// The member as it is, for parts that are kept and not interpreted.
    func verbatim(_ key: String) -> JSONValue? { node(key, .anything)?.value }

    /// Marks keys as known, of parts that are kept and not read.
    func ignore(_ keys: String...) {
        asked.formUnion(keys)
        for key in keys { recorder?.keep(path.appending(key)) }
    }

    /// A text; an empty one counts as absent.
    func text(_ key: String) -> String? { text(key, .text) }

    /// A text that must not be seen; an empty one counts as absent.
    func secretText(_ key: String) -> Secret? { text(key, .secretText).map { Secret($0) } }

    /// Whether a secret stands where none is used.
    func hasMisplacedSecret(_ key: String) -> Bool { node(key, .secret) != nil }

    /// A text, or `false`, which counts as absent.
    func textUnlessOff(_ key: String) -> String? {
        guard let node = node(key, .textOrOff) else { return nil }
        if case .bool(false) = node.kind { return nil }
        guard let text = node.string else {
            wrongType(key, node, expected: "text or false")
            return nil
        }
        return text.isEmpty ? nil : text
    }

    private func text(_ key: String, _ kind: ConfigurationSchema.Kind) -> String? {
        guard let node = node(key, kind) else { return nil }
        guard let text = node.string else {
            wrongType(key, node, expected: "text")
            return nil
        }
        return text.isEmpty ? nil : text
    }

    /// A text that must be there.
    func requiredText(_ key: String) -> String? {
        recorder?.require(path.appending(key))
        if let text = text(key) { return text }
        if present(key)?.string != nil || present(key) == nil {
            refuse(.missingValue, key, "\"\(key)\" is missing.")
        }
        return nil
    }

    /// True or false.
    func flag(_ key: String) -> Bool? {
        guard let node = node(key, .flag) else { return nil }
        guard case .bool(let flag) = node.kind else {
            wrongType(key, node, expected: "true or false")
            return nil
        }
        return flag
    }

    /// A whole number within `range`.
    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = node(key, .integer(range)) else { return nil }
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
        guard let node = node(key, .number(range)) else { return nil }
        return number(node, path: path.appending(key), in: range)
    }

    /// A finite number within `range`, which stands at `path`.
    func number(_ node: ConfigurationNode, path: ConfigurationPath, in range: ClosedRange<Double>) -> Double? {
        recorder?.note(.number(range), at: path)
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
        guard let node = node(key, .choice(Word.allCases.map(\.rawValue))) else { return nil }
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

    /// One word of a closed set, which must be there.
    func requiredChoice<Word: RawRepresentable<String> & CaseIterable>(_ key: String, as words: Word.Type) -> Word? {
        recorder?.require(path.appending(key))
        let word = choice(key, as: words)
        if word == nil, present(key) == nil { refuse(.missingValue, key, "\"\(key)\" is missing.") }
        return word
    }

    /// A list of texts; `nil` when an element is something else.
    func texts(_ key: String) -> [String]? {
        guard let node = node(key, .texts) else { return nil }
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
        guard let node = node(key, .object) else { return nil }
        return reader(of: node, at: path.appending(key), consequence: consequence)
    }

    /// The values of an object whose keys are names somebody chose, in order. `null` values are left out.
    func entries(_ key: String) -> [(name: String, node: ConfigurationNode, path: ConfigurationPath)] {
        guard let node = node(key, .map) else { return [] }
        guard let members = node.members else {
            wrongType(key, node, expected: "an object")
            return []
        }
        let inner = path.appending(key)
        return members.all.filter { !$0.node.isNull }.map { ($0.key, $0.node, inner.appending($0.key)) }
    }

    /// The elements of a list.
    func elements(_ key: String) -> [(node: ConfigurationNode, path: ConfigurationPath)] {
        guard let node = node(key, .list) else { return [] }
        guard let elements = node.elements else {
            wrongType(key, node, expected: "a list")
            return []
        }
        let inner = path.appending(key)
        return elements.enumerated().map { ($1, inner.appending($0)) }
    }

    /// A reader for `node`, or `nil` with a problem when it is no object.
    func reader(of node: ConfigurationNode, at path: ConfigurationPath, consequence: String? = nil) -> ObjectReader? {
        recorder?.note(.object, at: path)
        let consequence = consequence ?? self.consequence
        guard let members = node.members else {
            problems.add(
                .error, .wrongType, path, at: node.place,
                "This must be an object and is \(node.kindName). \(consequence)")
            return nil
        }
        return ObjectReader(
            members, path: path, place: node.place, problems: problems, consequence: consequence, recorder: recorder)
    }

    /// Warns about every member that was neither read nor ignored.
    func finish() {
        guard recorder == nil else { return }
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

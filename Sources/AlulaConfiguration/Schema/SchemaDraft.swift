import AlulaJSON

/// One place of the configuration while its schema is made. It stays within the call that made it.
final class SchemaDraft {
    /// The key that stands for every name in a map, and for every index of a list.
    static let wildcard = "*"

    /// What can stand at a place while the decoders are tried out.
    enum Trial: Hashable {
        case leaf(JSONValue)
        /// An object with everything that is known below.
        case object
        /// A list of one element.
        case list
    }

    let path: ConfigurationPath
    /// What stood everywhere when a decoder first asked for this place.
    let condition: [ConfigurationPath: Trial]
    private(set) var kinds: [ConfigurationSchema.Kind] = []
    /// Whether a decoder looked here before it decided what it wants.
    var isLookedAt = false
    var isKept = false
    /// In how many runs an object here was read, and in how many the object around needed what is here.
    private(set) var readings = 0
    private(set) var demands = 0
    var isClosed = false
    var standard: JSONValue?
    private(set) var properties: [(key: String, draft: SchemaDraft)] = []
    private(set) var item: SchemaDraft?

    init(path: ConfigurationPath, condition: [ConfigurationPath: Trial]) {
        self.path = path
        self.condition = condition
    }

    /// Takes down one run, and what was asked for and needed in it.
    func count(asked: Set<ConfigurationPath>, required: Set<ConfigurationPath>) {
        if required.contains(path) { demands += 1 }
        if properties.contains(where: { asked.contains($0.draft.path) }) { readings += 1 }
    }

    func add(_ kind: ConfigurationSchema.Kind) {
        if !kinds.contains(kind) { kinds.append(kind) }
    }

    /// What stands one step below; made when nothing is known of it.
    func child(_ component: ConfigurationPath.Component, condition: [ConfigurationPath: Trial]) -> SchemaDraft {
        let isItem = component.key == Self.wildcard || component == .index(0)
        if let known = isItem ? item : properties.first(where: { $0.key == component.key })?.draft { return known }
        let draft = SchemaDraft(
            path: ConfigurationPath(path.components + [isItem ? .key(Self.wildcard) : component]), condition: condition)
        if isItem { item = draft } else { properties.append((component.key, draft)) }
        return draft
    }

    /// Everything that the decoders may want to see here.
    var trials: [Trial] {
        if kinds.isEmpty, isKept, !isLookedAt { return [] }
        var trials = kinds.flatMap { $0.trials }
        if kinds.isEmpty || isLookedAt {
            trials += [.leaf("sample"), .object, .list, .leaf(true), .leaf(1)]
        }
        var seen: Set<Trial> = []
        return trials.filter { seen.insert($0).inserted }
    }

    /// Everything here and below.
    func walk(_ visit: (SchemaDraft) -> Void) {
        visit(self)
        for property in properties { property.draft.walk(visit) }
        item?.walk(visit)
    }

    /// The finished place, called `name`.
    ///
    /// - Parameter isRequired: Whether each reading of the object around it needed it.
    func place(_ name: String, isRequired: Bool = false) -> ConfigurationSchema.Place {
        ConfigurationSchema.Place(
            path: path, name: name, kinds: kinds, isRequired: isRequired, isClosed: isClosed, standard: standard,
            properties: properties.map { key, draft in
                let isRequired = draft.demands > 0 && draft.demands == readings
                return (key, draft.place(name.isEmpty ? key : name + "." + key, isRequired: isRequired))
            },
            item: item.map { $0.place(kinds.contains(.list) ? name + "[]" : name + "." + Self.wildcard) })
    }
}

extension ConfigurationSchema.Kind {
    /// Values that a decoder takes.
    fileprivate var trials: [SchemaDraft.Trial] {
        switch self {
        case .text, .secretText: [.leaf("sample")]
        case .textOrOff: [.leaf("sample"), .leaf(false)]
        case .flag: [.leaf(true)]
        case .integer(let range): [.leaf(.number(range.lowerBound))]
        case .number(let range): [.leaf(.number(range.lowerBound))]
        case .choice(let words): words.map { .leaf(.string($0)) }
        case .secret: [.leaf("sample"), .object]
        case .texts: [.leaf(["sample"])]
        case .object, .map: [.object]
        case .list: [.list]
        case .anything: [.leaf([:])]
        }
    }
}

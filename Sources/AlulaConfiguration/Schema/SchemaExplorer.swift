import AlulaJSON

/// Finds out what the decoders read, by letting them run.
///
/// The first run gets an empty document. Whatever a decoder asks for is filled in for the next runs, in each way that a
/// decoder takes: every word of a closed set, every kind of value where it looks before it decides. That goes on until no
/// run asks for anything new. So everything that a decoder can reach is in the schema, and nothing else.
struct SchemaExplorer {
    private let recorder = SchemaRecorder()
    private var tried: [ConfigurationPath: Set<SchemaDraft.Trial>] = [:]
    private var document: [ConfigurationPath: SchemaDraft.Trial] = [:]

    /// The whole configuration's place.
    static func explore() -> ConfigurationSchema.Place {
        var explorer = SchemaExplorer()
        explorer.run(given: [:], fillsOthers: true)
        while let (draft, trial) = explorer.pending {
            var given = draft.condition
            given[draft.path] = trial
            if !explorer.run(given: given, fillsOthers: true).contains(draft.path) {
                // Something that became known meanwhile stands in the way.
                explorer.run(given: given, fillsOthers: false)
            }
            explorer.tried[draft.path, default: []].insert(trial)
        }
        return explorer.recorder.root.place("")
    }

    private init() {}

    /// Something that no run had yet.
    private var pending: (SchemaDraft, SchemaDraft.Trial)? {
        var found: (SchemaDraft, SchemaDraft.Trial)?
        recorder.root.walk { draft in
            guard found == nil, !draft.path.isRoot else { return }
            let missing = draft.trials.first { !(tried[draft.path]?.contains($0) ?? false) }
            found = missing.map { (draft, $0) }
        }
        return found
    }

    /// Lets the decoders run once.
    ///
    /// - Parameters:
    ///   - given: What stands where.
    ///   - fillsOthers: Whether the other places that are known get a value too, if possible a new one.
    /// - Returns: The places that were asked for.
    @discardableResult
    private mutating func run(
        given: [ConfigurationPath: SchemaDraft.Trial], fillsOthers: Bool
    ) -> Set<ConfigurationPath> {
        document = [:]
        let value = object(recorder.root, given, fillsOthers)
        recorder.begin(document)
        let node = ConfigurationNode(showing: value)
        let problems = ProblemCollector()
        _ = problems.add(file: "")
        let reader = ObjectReader(
            node.members ?? ConfigurationMembers(), path: .root, place: node.place, problems: problems,
            recorder: recorder)
        _ = Configuration(reading: reader, hasGatewaySecret: false)
        recorder.end()
        for (path, trial) in document where recorder.asked.contains(path) { tried[path, default: []].insert(trial) }
        return recorder.asked
    }

    // MARK: Documents

    private mutating func value(
        _ draft: SchemaDraft, _ given: [ConfigurationPath: SchemaDraft.Trial], _ fillsOthers: Bool
    ) -> JSONValue? {
        let trials = draft.trials
        let fresh = trials.first { !(tried[draft.path]?.contains($0) ?? false) } ?? trials.first
        guard let trial = given[draft.path] ?? (fillsOthers ? fresh : nil) else { return nil }
        document[draft.path] = trial
        switch trial {
        case .leaf(let value): return value
        case .object: return object(draft, given, fillsOthers)
        case .list: return .array([draft.item.flatMap { value($0, given, fillsOthers) } ?? [:]])
        }
    }

    private mutating func object(
        _ draft: SchemaDraft, _ given: [ConfigurationPath: SchemaDraft.Trial], _ fillsOthers: Bool
    ) -> JSONValue {
        var object = JSONObject()
        for property in draft.properties {
            if let inner = value(property.draft, given, fillsOthers) { object[property.key] = inner }
        }
        if let item = draft.item, let inner = value(item, given, fillsOthers) {
            object[SchemaDraft.wildcard] = inner
        }
        return .object(object)
    }
}

import AlulaJSON

/// Takes down what decoders ask for. It stays within the call that made it.
final class SchemaRecorder {
    let root = SchemaDraft(path: .root, condition: [:])
    /// The places that were asked for in this run.
    private(set) var asked: Set<ConfigurationPath> = []
    private var required: Set<ConfigurationPath> = []
    /// What stands everywhere in this run.
    private var document: [ConfigurationPath: SchemaDraft.Trial] = [:]

    init() { root.add(.object) }

    /// Begins a run over a document with these values.
    func begin(_ document: [ConfigurationPath: SchemaDraft.Trial]) {
        self.document = document
        asked = []
        required = []
    }

    /// Ends a run.
    func end() { root.walk { $0.count(asked: asked, required: required) } }

    /// A decoder wants `kind` at `path`.
    func note(_ kind: ConfigurationSchema.Kind, at path: ConfigurationPath) {
        let draft = draft(at: path)
        draft.add(kind)
        // Something has to be there before the decoders say what they want of it.
        if kind == .map || kind == .list { _ = draft.child(.key(SchemaDraft.wildcard), condition: document) }
    }

    /// A decoder looks whether something is at `path`, and what.
    func look(at path: ConfigurationPath) { draft(at: path).isLookedAt = true }
    /// Nothing reads what is at `path`.
    func keep(_ path: ConfigurationPath) { draft(at: path).isKept = true }
    /// The object around `path` is refused without it.
    func require(_ path: ConfigurationPath) { required.insert(draft(at: path).path) }
    /// The object at `path` may hold nothing else.
    func close(_ path: ConfigurationPath) { draft(at: path).isClosed = true }

    /// What counts where nothing is at `path`; the first that is noted stands, since later ones may follow from values.
    func note(default value: JSONValue, at path: ConfigurationPath) {
        let draft = draft(at: path)
        if draft.standard == nil { draft.standard = value }
    }

    private func draft(at path: ConfigurationPath) -> SchemaDraft {
        let draft = path.components.reduce(root) { $0.child($1, condition: document) }
        asked.insert(draft.path)
        return draft
    }
}

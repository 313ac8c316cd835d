import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaState

extension FuzzTarget {
    /// Small languages: paths, pointers, variables, identifiers.
    static let texts = FuzzTarget("texts", maximumBytes: 1024) { input in
        let bytes = input.bytes
        let text = bytes.text
        try checkPath(text)
        _ = JSONValue.object(JSONObject([(text, .array([.null]))])).resolve(pointer: text)
        if let name = NearestName.suggest(text, among: ["gateway", "models", "agents", text]) {
            try require(["gateway", "models", "agents", text].contains(name), "a name is suggested that nobody knows")
        }
        for (name, value) in DotEnv.parse(bytes) {
            try require(!name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a variable has no name")
            try require(value.utf8.count <= 3 * bytes.count, "a variable's value is longer than its file")
        }
        let agent = AgentID(text)
        try require(AgentID(agent.rawValue) == agent, "an agent's id is not read back")
        try require((1...AgentID.maximumLength).contains(agent.rawValue.count), "an agent's id has another length")
        try require(ProviderID(ProviderID(text).rawValue) == ProviderID(text), "a provider's id is not read back")
    }

    private static func checkPath(_ text: String) throws {
        let path: ConfigurationPath
        do throws(JSONError) {
            path = try ConfigurationPath(parsing: text)
        } catch {
            return try check(error, in: Array(text.utf8))
        }
        // A path has a bound as text, which quotes can go beyond.
        guard path.description.utf8.count <= ConfigurationPath.maximumLength else { return }
        let again = try ConfigurationPath(parsing: path.description)
        try require(
            again.components.map(\.key).elementsEqual(path.components.map(\.key)) { $0.utf8.elementsEqual($1.utf8) },
            "a path is not read back as it was")
    }

    /// Names of models: a full name is read back from its own spelling.
    static let models = FuzzTarget("models", maximumBytes: 512) { input in
        var input = input
        let (text, alias, listed) = (input.part().text, input.part().text, input.part().text)
        if let reference = ModelReference(text) {
            try require(ModelReference(reference.description) == reference, "a model's name is not read back")
            try require(reference.unpinned.profile == nil, "an unpinned model is pinned")
        }
        let names = ModelNames(
            aliases: [(alias: alias, reference: text)], configuredKeys: [listed],
            listed: [ModelReference(listed)].compactMap(\.self))
        guard let match = names.resolve(text) else { return }
        try require(!match.reference.model.rawValue.isEmpty, "a model without a name was found")
        if match.route == .fullName {
            try require(names.resolve(match.reference.description) == match, "what was found is not found again")
        }
    }
}

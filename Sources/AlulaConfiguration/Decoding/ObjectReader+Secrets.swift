import AlulaJSON
import AlulaPrimitives

extension ObjectReader {
    /// A secret, or a pointer to one; an empty text counts as absent.
    ///
    /// - Parameter defaults: The aliases that references without one mean.
    func secret(_ key: String, defaults: SecretsSettings.Defaults) -> SecretInput? {
        guard let node = node(key, .secret) else { return nil }
        return secret(node, at: key, defaults: defaults)
    }

    /// The values of an object of secrets, in order.
    func secrets(_ key: String, defaults: SecretsSettings.Defaults) -> [(name: String, value: SecretInput)] {
        entries(key).compactMap { name, node, path in
            let holder = ObjectReader(
                ConfigurationMembers(), path: path, place: node.place, problems: problems, consequence: consequence,
                recorder: recorder)
            recorder?.note(.secret, at: path)
            return holder.secret(node, at: nil, defaults: defaults).map { (name, $0) }
        }
    }

    /// - Parameter key: Where `node` stands below this object; `nil` when this reader was made for the node itself.
    private func secret(_ node: ConfigurationNode, at key: String?, defaults: SecretsSettings.Defaults) -> SecretInput?
    {
        switch node.kind {
        case .string(let text, let authored):
            // A text that substitution produced is a value, even if it looks like a reference.
            if authored == nil, let variable = SecretReferenceText.variable(in: text) {
                return .reference(
                    SecretReference(source: .environment, provider: defaults.alias(of: .environment), id: variable))
            }
            return text.isEmpty ? nil : .literal(Secret(text))
        case .object(let members):
            let inner = key.map(path.appending) ?? path
            let reader = ObjectReader(
                members, path: inner, place: node.place, problems: problems, consequence: consequence,
                recorder: recorder)
            return unlessRefused { reader.secretReference(defaults: defaults).map(SecretInput.reference) }
        case .null, .bool, .number, .array:
            refuse(
                .wrongType, key, "This must be text, or an object with source, provider and id; it is \(node.kindName)."
            )
            return nil
        }
    }

    /// This object as a reference.
    private func secretReference(defaults: SecretsSettings.Defaults) -> SecretReference? {
        let source = requiredChoice("source", as: SecretReference.Source.self)
        let id = requiredText("id")
        let alias = text("provider")
        for key in keys(besides: ["source", "provider", "id"]) {
            refuse(.invalidValue, key, "A reference has source, provider and id, and nothing else.")
        }
        guard let source, let id else { return nil }
        let provider = alias ?? defaults.alias(of: source)
        if !SecretReferenceText.isProviderAlias(provider) {
            refuse(.invalidValue, "provider", "An alias has lower-case letters, digits, '_' and '-', 64 at most.")
        }
        let rule =
            switch source {
            case .environment, .store: "capital letters, digits and '_', 128 at most"
            case .file: "a JSON pointer such as /openai/key, or \"value\""
            case .helper: "letters, digits and . _ : / # -, 256 at most"
            }
        if !SecretReferenceText.isID(id, of: source) {
            refuse(.invalidValue, "id", "For this source an id is \(rule).")
        }
        return SecretReference(source: source, provider: provider, id: id)
    }
}

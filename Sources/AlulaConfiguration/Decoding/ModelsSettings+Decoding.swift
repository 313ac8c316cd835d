import AlulaJSON
import AlulaPrimitives

extension ModelsSettings {
    /// Reads the section; `defaults` are the aliases that references without one mean.
    init(reading reader: ObjectReader, defaults: SecretsSettings.Defaults) {
        mode = reader.choice("mode", as: Mode.self, default: mode)
        var seen: Set<ProviderID> = []
        for entry in reader.entries("providers") {
            let id = ProviderID(entry.name)
            let inner = reader.reader(of: entry.node, at: entry.path, consequence: "The provider is off.")
            guard !id.rawValue.isEmpty else {
                inner?.refuse(.invalidValue, nil, "A provider needs a name.")
                continue
            }
            guard seen.insert(id).inserted else {
                inner?.warn(
                    .duplicateEntry, nil, "The provider is there twice, in another spelling; the first entry counts.")
                continue
            }
            guard let inner, let provider = inner.unlessRefused({ ProviderSettings(id, inner, defaults: defaults) })
            else {
                invalidProviders.append(id)
                continue
            }
            providers.append(provider)
        }
        reader.ignore("pricing", "catalogRefresh", "bedrockDiscovery")
        reader.finish()
    }
}

extension ProviderSettings {
    fileprivate init(_ id: ProviderID, _ reader: ObjectReader, defaults: SecretsSettings.Defaults) {
        self.init(id: id)
        baseURL = reader.text("baseUrl")
        apiKey = reader.secret("apiKey", defaults: defaults)
        auth = reader.choice("auth", as: Auth.self)
        api = reader.text("api")
        headers = reader.secrets("headers", defaults: defaults)
        sendsAuthorizationHeader = reader.flag("authHeader", default: false)
        agentRuntime = reader.runtime("agentRuntime")
        timeout = reader.number("timeoutSeconds", in: 0.001...86_400).map { .seconds($0) }
        maximumTokens = reader.integer("maxTokens", in: 1...100_000_000)
        injectsContextLength = reader.flag("injectNumCtxForOpenAICompat")
        if let inner = reader.object("request") { request = RequestSettings(reading: inner, defaults: defaults) }
        parameters = reader.parameters()
        readModels(reader, defaults: defaults)
        if let baseURL, !Self.isWebURL(baseURL) {
            let isUnresolved = VariableSubstitution.isUnresolved(baseURL)
            reader.refuse(
                isUnresolved ? .unresolvedVariable : .invalidValue, "baseUrl",
                isUnresolved ? "A variable in this URL is not set." : "This must be an http or https URL.")
        }
        reader.ignore("localService", "label", "displayName", "name")
        reader.finish()
    }

    private mutating func readModels(_ reader: ObjectReader, defaults: SecretsSettings.Defaults) {
        for element in reader.elements("models") {
            // A broken model is no reason to lose the others.
            let errors = reader.problems.errorCount
            let inner = reader.reader(of: element.node, at: element.path, consequence: "The model is left out.")
            if let inner, let model = ModelSettings(inner, defaults: defaults), reader.problems.errorCount == errors {
                models.append(model)
            } else {
                reader.problems.forgiveErrors(since: errors)
            }
        }
    }

    private static func isWebURL(_ text: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: text.lowercased().hasPrefix) else { return false }
        let rest = text.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return !host.isEmpty && !text.contains { $0.isWhitespace } && !VariableSubstitution.isUnresolved(text)
    }
}

extension ModelSettings {
    fileprivate init?(_ reader: ObjectReader, defaults: SecretsSettings.Defaults) {
        guard let id = reader.requiredText("id") else { return nil }
        self.init(id: ModelID(id))
        name = reader.text("name") ?? name
        api = reader.text("api")
        reasons = reader.flag("reasoning", default: false)
        input = reader.texts("input")
        let tokens = 1...1_000_000_000
        contextWindow = reader.integer("contextWindow", in: tokens)
        contextTokens = reader.integer("contextTokens", in: tokens)
        maximumTokens = reader.integer("maxTokens", in: tokens)
        headers = reader.secrets("headers", defaults: defaults)
        parameters = reader.parameters()
        compatibility = reader.verbatim("compat")
        if let inner = reader.object("cost") {
            let prices = 0...1_000_000.0
            var cost = Cost()
            cost.input = inner.number("input", in: prices)
            cost.output = inner.number("output", in: prices)
            cost.cacheRead = inner.number("cacheRead", in: prices)
            cost.cacheWrite = inner.number("cacheWrite", in: prices)
            inner.ignore("tieredPricing")
            inner.finish()
            self.cost = cost
        }
        reader.ignore("agentRuntime", "alias")
        reader.finish()
    }
}

extension ObjectReader {
    /// The id of an agent runtime, written as text or as an object with `id`.
    func runtime(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        if node.string != nil { return text(key) }
        guard let inner = object(key) else { return nil }
        let id = inner.text("id")
        inner.ignore("params", "fallback")
        inner.finish()
        return id
    }
}

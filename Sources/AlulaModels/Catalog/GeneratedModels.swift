package import AlulaJSON
import AlulaPrimitives

/// An agent's generated `models.json`: a cache of what its providers offered once. It gives hints and no orders.
package struct GeneratedModels: Hashable, Sendable {
    package var listings: [ProviderListing]
    /// Parts that were passed over, as key paths; the rest is used.
    package var skipped: [String]

    package init(listings: [ProviderListing] = [], skipped: [String] = []) {
        self.listings = listings
        self.skipped = skipped
    }

    /// Reads `{"providers": {"<id>": {"baseUrl", "api", "apiKey", "models": […]}}}`. Whatever has another shape is
    /// skipped by itself. Keys are dropped on the way, unless they are markers.
    package init(_ document: JSONValue) {
        self.init()
        guard let providers = document["providers"]?.object else {
            skipped = ["providers"]
            return
        }
        for (id, value) in providers {
            let provider = ProviderID(id)
            guard let entry = value.object, !provider.rawValue.isEmpty else {
                skipped.append("providers.\(id)")
                continue
            }
            var listing = ProviderListing(
                provider: provider, baseURL: entry["baseUrl"]?.text, api: entry["api"]?.text.map { APIKind($0) },
                key: Self.key(entry["apiKey"]))
            for (index, model) in (entry["models"]?.array ?? []).enumerated() {
                if let model = Self.model(model) {
                    listing.models.append(model)
                } else {
                    skipped.append("providers.\(id).models[\(index)]")
                }
            }
            listings.append(listing)
        }
    }

    private static func key(_ value: JSONValue?) -> ProviderListing.Key {
        guard let value, !value.isNull else { return .absent }
        guard let text = value.string else { return .literal }
        let word = text.trimmed()
        if word.isEmpty { return .absent }
        return MarkerTable.isMarker(word) ? .marker(word) : .literal
    }

    private static func model(_ value: JSONValue) -> ProviderListing.Model? {
        guard let entry = value.object, let id = entry["id"]?.text else { return nil }
        let input = entry["input"]?.array?.compactMap { $0.text.flatMap(CatalogModel.Input.init(rawValue:)) }
        return ProviderListing.Model(
            id: ModelID(id), name: entry["name"]?.text, api: entry["api"]?.text.map { APIKind($0) },
            contextWindow: entry["contextWindow"]?.count, contextTokens: entry["contextTokens"]?.count,
            maximumOutput: entry["maxTokens"]?.count, isReasoning: entry["reasoning"]?.bool,
            input: input?.isEmpty == true ? nil : input,
            compatibility: entry["compat"].map { ModelCompatibility($0) })
    }
}

extension JSONValue {
    /// A text that says something.
    fileprivate var text: String? {
        guard let text = string?.trimmed(), !text.isEmpty else { return nil }
        return text
    }

    /// A number of tokens that can be true.
    fileprivate var count: Int? {
        guard let value = integer, value > 0, value <= 1_000_000_000 else { return nil }
        return Int(value)
    }
}

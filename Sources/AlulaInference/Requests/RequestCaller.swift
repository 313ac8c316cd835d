package import AlulaModels

/// Who asks, as far as it decides what may be asked.
package struct RequestCaller: Hashable, Sendable {
    /// Who has the gateway's own secret, or needs none.
    package static let owner = RequestCaller()

    /// The name of the API key that was shown; `nil` for ``owner``.
    package var keyName: String?
    /// The models that may be asked; empty for all.
    package var models: [ModelPattern]

    package init(keyName: String? = nil, models: [ModelPattern] = []) {
        self.keyName = keyName
        self.models = models
    }

    /// Whether `reference` may be asked, with whichever login.
    package func mayAsk(_ reference: ModelReference) -> Bool {
        models.isEmpty || models.contains { $0.matches(reference) }
    }
}

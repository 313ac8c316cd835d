package import AlulaPrimitives

/// One entry of a list of models: a model, everything of a provider whose id starts in some way, or everything.
package enum ModelPattern: Hashable, Sendable, CustomStringConvertible {
    case exact(ModelReference)
    /// An empty start means all of the provider.
    case prefix(ProviderID, String)
    case everything

    /// - Parameter text: `*`, `openai/*`, `openrouter/moonshotai/*`, `openai/gpt-5.5`.
    /// - Returns: `nil` for what names no provider.
    package init?(_ text: String) {
        let text = text.trimmed()
        if text == "*" {
            self = .everything
        } else if let reference = ModelReference(text) {
            self =
                text.hasSuffix("*")
                ? .prefix(reference.provider, String(reference.model.rawValue.dropLast()))
                : .exact(reference.unpinned)
        } else {
            return nil
        }
    }

    /// Whether `reference` is meant, with whichever login.
    package func matches(_ reference: ModelReference) -> Bool {
        switch self {
        case .everything: true
        case .exact(let model): model == reference.unpinned
        case .prefix(let provider, let start):
            reference.provider == provider && reference.model.rawValue.hasPrefix(start)
        }
    }

    /// The entry that reads back as this one.
    package var description: String {
        switch self {
        case .everything: "*"
        case .exact(let model): model.description
        case .prefix(let provider, let start): "\(provider)/\(start)*"
        }
    }
}

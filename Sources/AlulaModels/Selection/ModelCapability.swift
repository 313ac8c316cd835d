/// Something in a request that not every model takes. Raw values are the words of `models.explain`.
package enum ModelCapability: String, CaseIterable, Sendable {
    case images
    /// Documents, such as PDF; a file that is nothing but text counts as text.
    case files
    case audio
    case video
    case tools
}

extension CatalogModel {
    /// Whether the model is known not to take it. Of a model whose list of inputs nobody wrote nothing is known, and it has
    /// to be tried.
    ///
    /// Most lists have words for texts and images alone, while many of those models take documents all the same. So only a
    /// list that has nothing but text says that there is nothing else.
    package func lacks(_ capability: ModelCapability) -> Bool {
        switch capability {
        case .images: isInputKnown && !input.contains(.image)
        case .files, .audio, .video: isInputKnown && input.allSatisfy { $0 == .text }
        case .tools: compatibility.supportsTools == false
        }
    }
}

import AlulaPrimitives

/// Which model an agent asks first, and which ones after it.
package struct ModelSelection: Hashable, Sendable {
    /// Where a part of the selection was set. Raw values are the protocol's.
    package enum Origin: String, CaseIterable, Sendable {
        case agent
        case defaults
        /// Nothing is selected; the first model that a configured provider lists.
        case listed
        /// Nothing is configured.
        case builtIn = "built-in"
    }

    /// `model` as the configuration has it: a text, or an object with fallbacks.
    package struct Setting: Hashable, Sendable {
        package var primary: String?
        /// `nil` when the setting does not say; an empty list says that there are none.
        package var fallbacks: [String]?

        package init(primary: String? = nil, fallbacks: [String]? = nil) {
            self.primary = primary
            self.fallbacks = fallbacks
        }
    }

    /// The model of an installation without any setting.
    package static let standard = ModelReference(provider: "openai", model: "gpt-5.5")

    package let primary: ModelReference
    package let fallbacks: [ModelReference]
    package let primaryOrigin: Origin
    package let fallbacksOrigin: Origin
    /// Settings that name no model, as they were written.
    package let rejected: [String]

    /// The first model and the others, each once.
    package var chain: [ModelReference] { [primary] + fallbacks }

    /// Lets an agent's own setting stand before the common one.
    ///
    /// An agent that names its own model gets that model and no other, unless it names fallbacks too: the common
    /// fallbacks were chosen for another one.
    ///
    /// - Parameter listed: The models of configured providers, in order. Where nothing is selected and these leave
    ///   the standard model out, the first of them is taken: whoever set up a provider means to use it.
    package static func resolve(
        defaults: Setting?, agent: Setting? = nil, listed: [ModelReference] = [], names: ModelNames
    ) -> ModelSelection {
        var rejected: [String] = []
        func reference(_ text: String?) -> ModelReference? {
            guard let text, !text.trimmed().isEmpty else { return nil }
            if let match = names.resolve(text) { return match.reference }
            rejected.append(text)
            return nil
        }
        let own = reference(agent?.primary)
        let common = reference(defaults?.primary)
        let first = listed.contains(standard) ? nil : listed.first
        let primary = own ?? common ?? first ?? standard
        let list: [String]
        let fallbacksOrigin: Origin
        if let listed = agent?.fallbacks {
            (list, fallbacksOrigin) = (listed, .agent)
        } else if own != nil {
            (list, fallbacksOrigin) = ([], .agent)
        } else {
            (list, fallbacksOrigin) = (defaults?.fallbacks ?? [], defaults == nil ? .builtIn : .defaults)
        }
        var seen: Set<ModelReference> = [primary]
        let fallbacks = list.compactMap { reference($0) }.filter { seen.insert($0).inserted }
        return ModelSelection(
            primary: primary, fallbacks: fallbacks,
            primaryOrigin: own != nil ? .agent : common != nil ? .defaults : first != nil ? .listed : .builtIn,
            fallbacksOrigin: fallbacksOrigin, rejected: rejected)
    }

    /// The models to try for one request, each once: what was asked for, then the fallbacks, then the primary.
    ///
    /// - Parameters:
    ///   - requested: The model that a person or a caller asked for.
    ///   - override: A list in place of the configured one; an empty list means the requested model and no other.
    package func candidates(requested: ModelReference? = nil, override: [ModelReference]? = nil) -> [ModelReference] {
        var seen: Set<ModelReference> = []
        let tail = override ?? (fallbacks + [primary])
        return ([requested ?? primary] + tail).filter { seen.insert($0).inserted }
    }
}

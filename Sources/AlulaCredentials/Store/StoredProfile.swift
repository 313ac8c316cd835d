package import AlulaAuth
import AlulaModels
package import AlulaPrimitives

/// One credential of a store, with its secrets.
package struct StoredProfile: Sendable {
    package var provider: ProviderID
    package var kind: ProfileFact.Kind
    /// The key, token or access token that stands in the store itself; it may be a marker.
    package var inline: Secret?
    /// The pointer that stands instead of, or beside, an inline value. An inline value that is a pointer is one.
    package var reference: SecretReference?
    /// What an OAuth login is renewed with.
    package var refresh: Secret?
    /// Who the owner is, as the provider signed it.
    package var idToken: Secret?
    /// When a token or login ends; keys state nothing.
    package var expiry: ProfileFact.Expiry
    package var identity: ProfileFact.Identity
    package var displayName: String?
    /// `copyToAgents`, where it is stated.
    package var copiesToAgents: Bool?
    package var clientID: String?
    package var projectID: String?
    package var enterpriseURL: String?
    /// The subscription that an OpenAI login states, such as `plus`.
    package var plan: String?
    /// Text members of `metadata`.
    package var metadata: [String: String]
    /// A pointer stands where an OAuth login may not have one; such a profile must not be used.
    package var hasForbiddenReference: Bool

    package init(
        provider: ProviderID, kind: ProfileFact.Kind, inline: Secret? = nil, reference: SecretReference? = nil,
        refresh: Secret? = nil, idToken: Secret? = nil, expiry: ProfileFact.Expiry = .unstated,
        identity: ProfileFact.Identity = .init(), displayName: String? = nil, copiesToAgents: Bool? = nil,
        clientID: String? = nil, projectID: String? = nil, enterpriseURL: String? = nil, plan: String? = nil,
        metadata: [String: String] = [:], hasForbiddenReference: Bool = false
    ) {
        self.provider = provider
        self.kind = kind
        self.inline = inline
        self.reference = reference
        self.refresh = refresh
        self.idToken = idToken
        self.expiry = expiry
        self.identity = identity
        self.displayName = displayName
        self.copiesToAgents = copiesToAgents
        self.clientID = clientID
        self.projectID = projectID
        self.enterpriseURL = enterpriseURL
        self.plan = plan
        self.metadata = metadata
        self.hasForbiddenReference = hasForbiddenReference
    }

    /// What may be known about this profile outside of this module.
    ///
    /// - Parameter markers: Texts that are no secrets, beside the built-in ones.
    package func fact(markers: Set<String>, provenance: ProfileFact.Provenance = .stored) -> ProfileFact {
        let text = inline?.exposed.trimmed()
        let marker = text.flatMap { markers.contains($0) || MarkerTable.isMarker($0) ? $0 : nil }
        return ProfileFact(
            provider: provider, kind: kind,
            inlineDigest: marker == nil ? inline.map(FactVersion.init(recognising:)) : nil, marker: marker,
            reference: reference, refreshDigest: refresh.map(FactVersion.init(recognising:)), expiry: expiry,
            identity: identity, displayName: displayName, copiesToAgents: copiesToAgents, provenance: provenance,
            hasForbiddenReference: hasForbiddenReference)
    }
}

extension StoredProfile: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    // Remarks may hold anything, so none is shown.
    package var description: String { "\(kind.rawValue) of \(provider)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

package import AlulaModels
package import AlulaPrimitives

/// What opens a provider for one attempt.
package enum Login: Hashable, Sendable, CustomStringConvertible {
    case profile(ProfileID)
    /// A variable of the gateway's environment, by its name.
    case environment(String)
    /// `models.providers.<id>.apiKey`
    case configuredKey
    /// Found around the gateway, such as the AWS chain or another tool's login; the text is for people.
    case ambient(String)
    /// The provider wants none.
    case unneeded

    /// As reports name a source.
    package var description: String {
        switch self {
        case .profile(let id): "profile:\(id)"
        case .environment(let name): "env: \(name)"
        case .configuredKey: "models.json"
        case .ambient(let label): label
        case .unneeded: "no login needed"
        }
    }
}

/// One model through one login.
package struct FailoverRoute: Hashable, Sendable {
    package let model: ModelReference
    package let login: Login

    package init(model: ModelReference, login: Login) {
        self.model = model
        self.login = login
    }
}

/// What may be tried for a request, in order.
package struct FailoverPlan: Hashable, Sendable {
    /// One model with the logins that open it.
    package struct Candidate: Hashable, Sendable {
        package let model: ModelReference
        /// In the order of trial.
        package let logins: [Login]
        /// Why there is no point in trying, when ``logins`` is empty. For people.
        package let exclusion: String?
        /// What the request holds and the model is known not to take; then ``logins`` is empty.
        package let lacks: [RequestNeed]

        package init(model: ModelReference, logins: [Login], exclusion: String? = nil) {
            self.model = model
            self.logins = logins
            self.exclusion = exclusion
            lacks = []
        }

        /// A model that does not take the request.
        ///
        /// - Parameter needs: Those of the request that it does not meet, at least one.
        package init(model: ModelReference, lacking needs: [RequestNeed]) {
            self.model = model
            logins = []
            exclusion = "takes no " + needs.map(\.capability.rawValue).joined(separator: " and no ")
            lacks = needs
        }
    }

    package let candidates: [Candidate]

    package init(candidates: [Candidate]) { self.candidates = candidates }
}

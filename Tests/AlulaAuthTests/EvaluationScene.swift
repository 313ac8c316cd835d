import AlulaPrimitives

@testable import AlulaAuth

/// A machine with one agent and nothing on it, on which a test puts what one provider is weighed by.
struct EvaluationScene {
    static let store = StoreID("/nowhere/main")

    var context = AuthContext.sample()
    var facts = AuthFacts(stores: [store: .absent], googleCredentials: .absent, awsFiles: .absent)

    /// Stores logins in the main store.
    mutating func keep(_ profiles: [ProfileID: ProfileFact], usage: [ProfileID: ProfileUsage] = [:]) {
        facts.stores[Self.store] = .found(
            StoreFact(origin: .profiles, profiles: profiles, usage: usage), version: 1)
    }

    /// Sets variables of the process. Of those that hold no secret the value is known as well.
    mutating func setVariables(_ variables: [String: String]) {
        for (name, value) in variables {
            facts.environment.origins[name] = .process
            if EnvironmentFact.disclosed.contains(name) { facts.environment.values[name] = value }
        }
    }

    /// Puts Google's file of application-default credentials on the machine.
    mutating func leaveGoogleCredentials() {
        facts.googleCredentials = .found(
            GoogleCredentialsFact(type: "authorized_user", path: "/nowhere/adc.json"), version: 1)
    }

    func evaluate(_ provider: ProviderID) -> ProviderEvaluation {
        ProviderEvaluator(context: context, facts: facts, now: noon).evaluate(provider, for: .main)
    }

    func answer(_ provider: ProviderID) -> Availability { evaluate(provider).availability }

    /// What `provider` would be reached with, or `nil` when it can't be.
    func evidence(_ provider: ProviderID) -> Evidence? {
        if case .available(let evidence) = answer(provider) { evidence } else { nil }
    }
}

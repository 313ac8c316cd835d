import AlulaPrimitives

/// One profile in a line for people, such as `openai:work=OAuth (me@example.com) [cooldown 4m]`.
struct ProfileLabel {
    let profile: AuthStatusReport.Profile
    let fact: ProfileFact
    let now: Timestamp

    var text: String { "\(profile.id)=\(content)\(rest)" }

    /// What the profile holds, without saying it.
    private var content: String {
        switch fact.kind {
        case .oauth:
            let owner = fact.identity.email ?? fact.displayName
            return "OAuth" + (owner.map { " (\($0))" } ?? "") + (profile.status == .missing ? " missing" : "")
        case .token: return "token:\(credential)"
        case .apiKey: return credential
        }
    }

    private var credential: String {
        if let marker = fact.marker { return "marker(\(marker))" }
        if let reference = fact.reference { return "\(reference)" }
        return fact.inlineDigest == nil ? "missing" : Secret.placeholder
    }

    private var rest: String {
        if let trouble = profile.renewalTrouble { return " [refresh failed: \(trouble.failure.message)]" }
        guard let window = profile.window else { return "" }
        let left = window.until.duration(since: now).shortLabel
        switch window.kind {
        case .cooldown, .blocked: return " [cooldown \(left)]"
        case .disabled: return " [disabled:\(window.reason.rawValue) \(left)]"
        }
    }
}

import AlulaPrimitives

/// Looks for AWS credentials in earnest, in the order of the vendor's own chain, without asking the network.
///
/// The metadata service of a virtual machine can't be told without a request, so it is no evidence.
struct AWSEvaluation {
    let facts: AuthFacts

    var candidate: EvaluatedCandidate {
        let environment = facts.environment
        if environment.isSet("AWS_BEARER_TOKEN_BEDROCK") {
            return available(.bearerToken, "AWS_BEARER_TOKEN_BEDROCK")
        }
        if environment.isSet("AWS_ACCESS_KEY_ID"), environment.isSet("AWS_SECRET_ACCESS_KEY") {
            return available(.environmentKeys, "AWS_ACCESS_KEY_ID + AWS_SECRET_ACCESS_KEY")
        }
        let named = environment.values["AWS_PROFILE"] ?? environment.values["AWS_DEFAULT_PROFILE"]
        switch facts.awsFiles {
        case .pending:
            return .init(label: Self.chain, availability: .unknown(.notReadYet))
        case .timedOut:
            return .init(label: Self.chain, availability: .unknown(.sourceTimedOut))
        case .failed(let problem):
            return .init(
                label: Self.chain, availability: .unavailable(.unusableStore, until: nil), problem: problem)
        case .absent, .found:
            break
        }
        let files = facts.awsFiles.fact ?? AWSFilesFact()
        if let named {
            guard let means = files.profiles[named] else {
                return .init(label: "AWS_PROFILE", availability: .unavailable(.missingCredential, until: nil))
            }
            return profile(named, means, label: "AWS_PROFILE")
        }
        if environment.values["AWS_WEB_IDENTITY_TOKEN_FILE"] != nil, environment.values["AWS_ROLE_ARN"] != nil {
            guard files.hasWebIdentityToken == true else {
                return .init(
                    label: "AWS_WEB_IDENTITY_TOKEN_FILE",
                    availability: .unavailable(.missingCredential, until: nil))
            }
            return available(.webIdentity, "AWS_WEB_IDENTITY_TOKEN_FILE")
        }
        if let means = files.profiles["default"] { return profile("default", means, label: Self.chain) }
        for variable in ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        where environment.values[variable] != nil {
            return available(.container, variable)
        }
        return .init(
            label: Self.chain, availability: .unavailable(.noLogin, until: nil), problem: files.problems.first)
    }

    private static let chain = "aws-sdk default chain"

    private func available(_ source: Evidence.AWSSource, _ label: String) -> EvaluatedCandidate {
        .init(label: label, availability: .available(Evidence(source: .aws(source), mode: .aws, label: label)))
    }

    /// Single sign-on and credential processes may want a person or a network, so they prove nothing by themselves.
    private func profile(_ name: String, _ means: AWSFilesFact.Means, label: String) -> EvaluatedCandidate {
        switch means {
        case .staticKeys, .assumedRole, .webIdentity: available(.profile(name, means), label)
        case .singleSignOn, .process: .init(label: label, availability: .unknown(.needsInteraction))
        }
    }
}

import AlulaAuth
import AlulaPrimitives

/// Facts of every kind, with every field set at least once. All secrets are absent by type; names are fake.
enum FactSamples {
    static let version = FactVersion(rawValue: 0xFEDC_BA98_7654_3210)
    static let time = Timestamp(milliseconds: 1_795_590_000_123)

    static let problems = SourceProblem.Code.allCases.flatMap { code in
        [
            SourceProblem(code, "It is \"wrong\".", path: "/a/ü.json", line: 3, column: 7, remedy: "Mend\tit."),
            SourceProblem(code, "", remedy: ""),
        ]
    }

    static let expiries: [ProfileFact.Expiry] = [.unstated, .at(time), .invalid]

    static let references = SecretReference.Source.allCases.map {
        SecretReference(source: $0, provider: "vault", id: "/a~1b/0")
    }

    static let provenances: [ProfileFact.Provenance] = [.stored] + LoginTool.allCases.map { .login($0) }

    static let identities: [ProfileFact.Identity] = [
        .init(), .init(accountID: "acct-1"), .init(email: "ada@example.test"),
        .init(accountID: "acct-1", email: "ada@example.test"),
    ]

    static let profiles: [ProfileFact] =
        ProfileFact.Kind.allCases.map { ProfileFact(provider: "openai", kind: $0) }
        + expiries.map { ProfileFact(provider: "openai", kind: .token, expiry: $0) }
        + references.map { ProfileFact(provider: "openai", kind: .apiKey, reference: $0) }
        + provenances.map { ProfileFact(provider: "openai", kind: .oauth, provenance: $0) }
        + identities.map { ProfileFact(provider: "openai", kind: .oauth, identity: $0) }
        + [
            ProfileFact(
                provider: "anthropic", kind: .oauth, inlineDigest: version, marker: "FAKE_MARKER",
                reference: references[0], refreshDigest: FactVersion(rawValue: 1), expiry: .at(time),
                identity: identities[3], displayName: "Ada's", copiesToAgents: false,
                provenance: .login(.codex), hasForbiddenReference: true),
            ProfileFact(provider: "anthropic", kind: .oauth, copiesToAgents: true),
        ]

    static let usages: [ProfileUsage] =
        [ProfileUsage()]
        + FailureReason.allCases.map {
            ProfileUsage(
                lastUsed: time, cooldownUntil: time, cooldownReason: $0, cooldownModel: "gpt-5.5",
                disabledUntil: time, disabledReason: $0, blockedUntil: time, blockedReason: "quota",
                blockedSource: "probe", blockedModel: "o3", errorCount: 4, failureCounts: [$0: 2],
                lastFailureAt: time)
        }

    static let stores: [StoreFact] = StoreFact.Origin.allCases.map { origin in
        StoreFact(
            origin: origin, path: "/agents/main/auth-profiles.json",
            profiles: Dictionary(
                uniqueKeysWithValues: profiles.enumerated().map { (ProfileID("openai:\($0.offset)"), $0.element) }),
            order: ["openai": ["openai:2", "openai:1"], "xai": []], lastGood: ["openai": "openai:2"],
            usage: Dictionary(
                uniqueKeysWithValues: usages.enumerated().map { (ProfileID("openai:\($0.offset)"), $0.element) }),
            problems: problems)
    }

    static let logins: [LoginFact] = LoginTool.allCases.flatMap { tool in
        [
            LoginFact(
                tool: tool, kind: .oauth, digest: version, refreshDigest: version, expiry: .at(time),
                identity: identities[3], modified: time, path: "/home/ada/.tool/auth.json"),
            LoginFact(tool: tool, kind: .token, digest: version, expiry: .unstated, modified: time, path: "/x"),
        ]
    }

    static let google: [GoogleCredentialsFact] = [
        .init(type: "authorized_user", path: "/adc.json"),
        .init(type: "service_account", path: "/adc.json", project: "demo"),
    ]

    static let aws: [AWSFilesFact] = [
        .init(),
        .init(
            profiles: Dictionary(uniqueKeysWithValues: AWSFilesFact.Means.allCases.map { ("p-\($0)", $0) }),
            hasWebIdentityToken: true, problems: problems),
        .init(hasWebIdentityToken: false),
    ]

    static let secretSources: [SecretSourceFact] = [
        .init(), .init(ids: ["value": .present, "/a": .missing(code: "NOT_FOUND")]),
    ]

    static func readings<Fact>(_ facts: [Fact]) -> [Reading<Fact>] {
        [.pending, .absent, .timedOut(afterMilliseconds: 2000)] + problems.map { .failed($0) }
            + facts.map { .found($0, version: version) }
    }

    static let sourceReadings: [SourceReading] =
        readings(stores).map { .store(StoreID("/agents/main"), $0) }
        + LoginTool.allCases.flatMap { tool in readings(logins).map { .login(tool, $0) } }
        + readings(google).map { .googleCredentials($0) } + readings(aws).map { .awsFiles($0) }
        + readings(secretSources).map { .secretSource(alias: "vault", $0) }

    static let items: [GatherPlan.Item] =
        [
            .store(StoreID("/agents/main"), legacyOAuthPath: "/oauth.json", sharedDatabasePath: "/state.sqlite"),
            .store(StoreID("/agents/b"), legacyOAuthPath: nil, sharedDatabasePath: nil),
            .googleCredentials(paths: ["/adc.json", "/other.json"]), .googleCredentials(paths: []),
            .awsFiles(configPath: "/config", credentialsPath: "/credentials", webIdentityTokenPath: "/token"),
            .awsFiles(configPath: "/config", credentialsPath: "/credentials", webIdentityTokenPath: nil),
            .secretFile(alias: "vault", path: "/s.json", isSingleValue: false, maximumBytes: 9, ids: ["/a", "/b"]),
            .secretFile(alias: "one", path: "/s.txt", isSingleValue: true, maximumBytes: 0, ids: ["value"]),
        ] + LoginTool.allCases.map { .login($0, path: "/home/ada/.\($0.rawValue)") }

    static let plan = GatherPlan(items: items, sourceDeadlineMilliseconds: 750, markers: ["FAKE_A", "FAKE_B"])

    static let facts = AuthFacts(
        environment: EnvironmentFact(
            origins: Dictionary(
                uniqueKeysWithValues: EnvironmentFact.Origin.allCases.map { ("FAKE_\($0)", $0) }),
            values: ["AWS_REGION": "eu-central-1"], markers: ["OPENAI_API_KEY": "FAKE_MARKER"]),
        stores: Dictionary(
            uniqueKeysWithValues: readings(stores).enumerated().map { (StoreID("/agents/\($0.offset)"), $0.element) }),
        logins: [.codex: .found(logins[0], version: version), .minimax: .absent],
        googleCredentials: .found(google[1], version: version), awsFiles: .found(aws[1], version: version),
        secretSources: ["vault": .found(secretSources[1], version: version)])

    static let evidenceSources: [Evidence.Source] =
        [
            .environment(variable: "OPENAI_API_KEY"), .profile("openai:work"), .configuration, .googleCredentials,
            .localServer, .builtIn, .aws(.bearerToken), .aws(.environmentKeys), .aws(.webIdentity), .aws(.container),
        ] + AWSFilesFact.Means.allCases.map { .aws(.profile("dev", $0)) }
        + LoginTool.allCases.map { .login($0, "openai:cli") }

    static let evidence: [Evidence] = evidenceSources.flatMap { source in
        Evidence.Mode.allCases.flatMap { mode in
            [
                Evidence(source: source, mode: mode, expiresAt: time, label: "env: OPENAI_API_KEY"),
                Evidence(source: source, mode: mode, label: ""),
            ]
        }
    }

    static let availabilities: [Availability] =
        evidence.map { .available($0) } + UnknownReason.allCases.map { .unknown($0) }
        + UnavailableReason.allCases.flatMap { [.unavailable($0, until: time), .unavailable($0, until: nil)] }
}

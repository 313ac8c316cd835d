package import AlulaAuth
package import AlulaJSON
import AlulaPrimitives

extension ModelsStatusReport {
    /// The result of `models.status`, which is also what `models status --json` prints.
    package var payload: JSONValue {
        var object = JSONObject()
        object["configPath"] = .string(configurationPath)
        object["agentId"] = requestedAgent.map { .string($0.rawValue) }
        object["agentDir"] = .string(agentDirectory)
        object["defaultModel"] = .string(models.defaultModel)
        object["resolvedDefault"] = .string(models.resolvedDefault)
        object["fallbacks"] = models.fallbacks.json
        object["imageModel"] = models.imageModel.map { .string($0) } ?? .null
        object["imageFallbacks"] = models.imageFallbacks.json
        object["modelConfig"] = [
            "defaultSource": .string(models.defaultOrigin.rawValue),
            "fallbacksSource": .string(models.fallbacksOrigin.rawValue),
        ]
        object["aliases"] = .object(
            JSONObject(models.aliases.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        object["allowed"] = models.allowed.json
        object["allowRule"] = .string(models.allowRule)
        object["auth"] = auth
        object["check"] = [
            "status": .string(check.name), "exitCode": .number(Int64(check.rawValue)),
        ]
        object["ts"] = at.json
        object["generation"] = .number(Int64(clamping: generation))
        object["stale"] = .bool(isStale)
        return .object(object)
    }

    private var auth: JSONValue {
        let ends = logins.flatMap(\.profiles).filter { $0.kind != .apiKey }
        return [
            "storePath": .string(storePath),
            "shellEnvFallback": ["enabled": .bool(isShellFallbackEnabled), "appliedKeys": shellVariables.json],
            "providersWithOAuth": providersWithOAuth.json,
            "missingProvidersInUse": missingInUse.map(\.rawValue).json,
            "providers": .array(providers.map(\.payload)),
            "profiles": .array(
                profiles.map { profile in
                    var object = JSONObject([("provider", .string(profile.provider.rawValue))])
                    for (key, value) in profile.payload.object ?? JSONObject() { object[key] = value }
                    return .object(object)
                }),
            "unusableProfiles": .array(unusable.compactMap { $0.unusablePayload(at: at) }),
            "oauth": [
                "warnAfterMs": CredentialStatus.warningWindow.json,
                "profiles": .array(ends.map(\.healthPayload)),
                "providers": .array(logins.map(\.healthPayload)),
            ],
        ]
    }
}

extension ModelsStatusReport.Provider {
    fileprivate var payload: JSONValue {
        var object = JSONObject()
        object["provider"] = .string(answer.provider.rawValue)
        object["displayName"] = .string(displayName)
        object["inUse"] = .bool(isInUse)
        object["effective"] = [
            "kind": .string(effective.kind.rawValue), "detail": .string(effective.detail),
        ]
        object["profiles"] = [
            "count": .number(profiles.count), "oauth": .number(profiles.oauth), "token": .number(profiles.token),
            "apiKey": .number(profiles.apiKey), "labels": profiles.labels.json,
        ]
        object["env"] = environment.map {
            ["value": .string(Secret.placeholder), "source": .string($0)]
        }
        object["modelsJson"] = configuredKey.map { ["value": .string($0.value), "source": .string($0.source)] }
        object["syntheticAuth"] = ambient.map { ["value": "plugin-owned", "source": .string($0)] }
        object.set(answer)
        return .object(object)
    }
}

extension AuthStatusReport.Profile {
    /// An entry of `unusableProfiles`, whose kinds are two: a block that ends by itself counts as a cooldown.
    fileprivate func unusablePayload(at now: Timestamp) -> JSONValue? {
        guard let window else { return nil }
        return [
            "profileId": .string(id.rawValue), "provider": .string(provider.rawValue),
            "kind": window.kind == .disabled ? "disabled" : "cooldown", "reason": .string(window.reason.rawValue),
            "until": window.until.json, "remainingMs": window.until.duration(since: now).json,
        ]
    }

    /// An entry of `oauth.profiles`.
    fileprivate var healthPayload: JSONValue {
        var object = JSONObject()
        object["profileId"] = .string(id.rawValue)
        object["provider"] = .string(provider.rawValue)
        object["type"] = .string(kind.rawValue)
        object["status"] = .string(status.rawValue)
        object["expiresAt"] = expiry?.at.json
        object["remainingMs"] = expiry?.remaining.json
        object["refreshError"] = renewalTrouble?.payload
        object["source"] = .string(source)
        object["label"] = .string((email ?? displayName).map { "\(id) (\($0))" } ?? id.rawValue)
        return .object(object)
    }
}

extension AuthStatusReport.Provider {
    /// An entry of `oauth.providers`.
    fileprivate var healthPayload: JSONValue {
        var object = JSONObject()
        object["provider"] = .string(id.rawValue)
        object["status"] = .string(status.rawValue)
        object["expiresAt"] = expiry?.at.json
        object["remainingMs"] = expiry?.remaining.json
        object["profiles"] = profiles.map(\.id.rawValue).json
        return .object(object)
    }
}

extension CredentialCheck {
    /// Stable, for programs that would rather not compare numbers.
    package var name: String {
        switch self {
        case .passed: "ok"
        case .failed: "failed"
        case .expiring: "expiring"
        }
    }
}

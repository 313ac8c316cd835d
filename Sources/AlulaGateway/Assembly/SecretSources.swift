import AlulaConfiguration
import AlulaCredentials
import AlulaPrimitives

/// Introduces the configuration's secret providers to the module that asks them.
enum SecretSources {
    static func sources(_ settings: SecretsSettings, home: String) -> [String: SecretSource] {
        settings.providers.mapValues { provider in
            switch provider {
            case .environment(let allowlist):
                .environment(allowlist: allowlist.map { Set($0) })
            case .file(let file):
                .file(
                    path: expanded(file.path, home: home), isSingleValue: file.mode == .singleValue,
                    timeout: file.timeout, maximum: file.maximumSize)
            case .helper(let helper):
                .helper(
                    SecretHelperCommand(
                        command: helper.command, arguments: helper.arguments, timeout: helper.timeout,
                        silenceTimeout: helper.silenceTimeout, maximumOutput: helper.maximumOutput,
                        acceptsPlainText: !helper.requiresJSON,
                        environment: Dictionary(helper.environment.map { ($0.name, $0.value) }) { _, last in last },
                        passedVariables: helper.passedVariables, trustedDirectories: helper.trustedDirectories,
                        allowsInsecurePath: helper.allowsInsecurePath,
                        allowsSymbolicLink: helper.allowsSymbolicLink))
            }
        }
    }

    static func limits(_ settings: SecretsSettings) -> SecretResolutionLimits {
        SecretResolutionLimits(
            maximumConcurrency: settings.maximumConcurrency,
            maximumReferencesPerProvider: settings.maximumReferencesPerProvider,
            maximumBatch: settings.maximumBatch)
    }

    private static func expanded(_ path: String, home: String) -> String {
        path.hasPrefix("~/") ? home + path.dropFirst() : path
    }
}

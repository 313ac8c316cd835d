package import AlulaPrimitives

/// `env`: variables that stand in where the environment has none.
package struct EnvironmentSettings: Sendable {
    /// The section's key.
    static let sectionKey = "env"

    /// `vars`, and texts directly under `env`: values by name, secret. They are literal, and an environment variable of
    /// the same name that is set and not blank wins. At once.
    package var variables: [String: Secret] = [:]
    /// `shellEnv.enabled`, default false: missing variables are taken from a login shell. Restart.
    package var importsShell = false
    /// `shellEnv.timeoutMs`, 1 to 120,000, default 15,000.
    package var shellTimeout = Duration.milliseconds(15_000)

    /// The defaults.
    package init() {}
}

extension EnvironmentSettings {
    /// Reads the section.
    init(reading reader: ObjectReader) {
        for key in reader.keys where key != "vars" && key != "shellEnv" {
            guard reader.node(key)?.string != nil else {
                reader.warn(.unknownKey, key, "Only texts can be variables; this is kept and has no effect.")
                continue
            }
            add(key, from: reader)
        }
        if let inner = reader.object("vars", consequence: "The variable is not set by this.") {
            for name in inner.keys { add(name, from: inner) }
        }
        if let inner = reader.object("shellEnv") {
            importsShell = inner.flag("enabled", default: false)
            shellTimeout = inner.milliseconds("timeoutMs", in: 1...120_000, default: shellTimeout)
            inner.finish()
        }
        reader.ignore("vars", "shellEnv")
        reader.finish()
    }

    private mutating func add(_ name: String, from reader: ObjectReader) {
        guard let secret = reader.secretText(name) else { return }
        let value = secret.exposed
        guard Self.isVariableName(name) else {
            reader.warn(.invalidValue, name, "This is no name of a variable; it is not set.")
            return
        }
        guard !value.utf8.contains(0), !VariableSubstitution.isUnresolved(value) else {
            reader.warn(
                .invalidValue, name, "Variables here are literal, so one that refers to another is not set.",
                remedy: "Write the value itself, or set the variable in the environment.")
            return
        }
        variables[name] = secret
    }

    private static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}

package import AlulaAuth
import AlulaModels
package import AlulaPrimitives

/// Reduces the merged environment to what may be known about it.
package enum EnvironmentFacts {
    /// One variable with where its value came from.
    package struct Variable: Sendable {
        package var value: Secret
        package var origin: EnvironmentFact.Origin

        package init(_ value: Secret, origin: EnvironmentFact.Origin) {
            self.value = value
            self.origin = origin
        }
    }

    /// Says which variables are set, and the values of those few that hold no secret.
    ///
    /// - Parameters:
    ///   - variables: By name; a value that is blank once normalised counts as unset.
    ///   - markers: Texts that are no secrets, beside the built-in ones.
    package static func make(from variables: [String: Variable], markers: Set<String> = []) -> EnvironmentFact {
        var fact = EnvironmentFact()
        for (name, variable) in variables {
            let text = variable.value.normalised.exposed
            guard !text.isEmpty else { continue }
            fact.origins[name] = variable.origin
            if EnvironmentFact.disclosed.contains(name) {
                // A path keeps the characters that no header could carry.
                fact.values[name] = variable.value.exposed.trimmed()
            }
            if markers.contains(text) || MarkerTable.isMarker(text) { fact.markers[name] = text }
        }
        return fact
    }
}

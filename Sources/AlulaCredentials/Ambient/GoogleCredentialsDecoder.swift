import AlulaAuth
import AlulaJSON
import AlulaPrimitives

/// Checks a file of application-default credentials.
enum GoogleCredentialsDecoder {
    private static let remedy = "Sign in again with: gcloud auth application-default login"

    /// What each type can't do without.
    private static let requiredMembers: [String: [String]] = [
        "authorized_user": ["client_id", "client_secret", "refresh_token"],
        "service_account": ["client_email", "private_key"],
        "external_account": ["audience", "credential_source"],
        "external_account_authorized_user": ["refresh_token"],
        "impersonated_service_account": ["service_account_impersonation_url", "source_credentials"],
        "gdch_service_account": [],
    ]

    /// Reads the whole file's `bytes`; a type that isn't known, or lacks what it needs, is a problem.
    static func decode(_ bytes: [UInt8], path: String) -> SourceOutcome<GoogleCredentialsFact> {
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes)
        } catch {
            return .failed(
                .malformed(error, what: "The file of application-default credentials", path: path, remedy: remedy))
        }
        guard let type = value["type"]?.string, let required = requiredMembers[type] else {
            return .failed(
                SourceProblem(
                    .wrongShape, "The file of application-default credentials has no known type.", path: path,
                    remedy: remedy))
        }
        let missing = required.filter { member in
            guard let found = value[member] else { return true }
            return found.string.map { $0.trimmed().isEmpty } ?? (found.object == nil)
        }
        guard missing.isEmpty else {
            return .failed(
                SourceProblem(
                    .wrongShape,
                    "The file of application-default credentials (\(type)) lacks \(missing.joined(separator: ", ")).",
                    path: path, remedy: remedy))
        }
        let project = StoredProfileDecoder.text(value["project_id"] ?? value["quota_project_id"])?.trimmed()
        return .found(GoogleCredentialsFact(type: type, path: path, project: project))
    }
}

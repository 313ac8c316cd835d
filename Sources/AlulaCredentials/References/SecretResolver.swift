package import AlulaAuth
package import AlulaPrimitives
package import AlulaSystem

/// What references came to. It is kept in memory only.
package struct ResolvedSecrets: Sendable {
    /// Each reference that was to be resolved, with its secret or why there is none.
    package var values: [SecretReference: Result<Secret, SecretResolutionError>] = [:]
    /// What may be known about each alias that was asked; not for variables, which are facts of their own.
    package var readings: [String: Reading<SecretSourceFact>] = [:]

    package init() {}

    /// The secret, or `nil` when there is none for whatever reason.
    package subscript(reference: SecretReference) -> Secret? {
        if case .success(let secret)? = values[reference] { secret } else { nil }
    }
}

/// Finds the secrets that references point at.
package struct SecretResolver: Sendable {
    private let pool: BlockingPool
    private let helpers: SecretHelpers

    /// Makes a resolver that reads files on `pool` and has programs run by `helpers`.
    package init(pool: BlockingPool, helpers: SecretHelpers) {
        self.pool = pool
        self.helpers = helpers
    }

    /// Resolves all of `references`, each source in its own time; one that fails or hangs costs the others nothing.
    ///
    /// - Parameters:
    ///   - sources: By alias.
    ///   - variables: The merged environment.
    ///   - environmentAlias: The alias that means the environment even when no source has it.
    ///   - retriesNow: Whether helpers that failed a moment ago are started again at once.
    package func resolve(
        _ references: Set<SecretReference>, sources: [String: SecretSource], variables: [String: Secret],
        environmentAlias: String = SecretReference.standardProvider, limits: SecretResolutionLimits = .init(),
        retriesNow: Bool = false
    ) async -> ResolvedSecrets {
        var resolved = ResolvedSecrets()
        var questions: [String: Question] = [:]
        for reference in references {
            switch route(reference, sources: sources, variables: variables, environmentAlias: environmentAlias) {
            case .answer(let result): resolved.values[reference] = result
            case .ask(let question): questions[reference.provider, default: question].references.insert(reference)
            }
        }
        await withTaskGroup(of: Answer.self) { group in
            var rest = questions.values.sorted { $0.alias < $1.alias }[...]
            func startNext() {
                guard let question = rest.popFirst() else { return }
                group.addTask { await self.answer(question, variables: variables, retriesNow: retriesNow) }
            }
            for _ in 0..<limits.maximumConcurrency { startNext() }
            for await answer in group {
                resolved.readings[answer.alias] = answer.reading
                resolved.values.merge(answer.values) { _, new in new }
                startNext()
            }
        }
        return resolved
    }

    /// What one source is asked.
    private struct Question: Sendable {
        let alias: String
        let source: SecretSource
        var references: Set<SecretReference> = []
    }

    /// What one source answered.
    private struct Answer: Sendable {
        let alias: String
        var values: [SecretReference: Result<Secret, SecretResolutionError>] = [:]
        var reading: Reading<SecretSourceFact> = .pending
    }

    private enum Route {
        case answer(Result<Secret, SecretResolutionError>)
        case ask(Question)
    }

    private func route(
        _ reference: SecretReference, sources: [String: SecretSource], variables: [String: Secret],
        environmentAlias: String
    ) -> Route {
        func no(_ code: SecretResolutionError.Code, _ message: String) -> Route {
            .answer(.failure(SecretResolutionError(code, message)))
        }
        if reference.source == .store {
            return no(.unsupportedSource, "Secrets of the built-in store can't be read; use another source.")
        }
        guard reference.hasValidID else {
            return no(.invalidReference, "The id does not have the form that its source asks for.")
        }
        if let source = sources[reference.provider] {
            switch (reference.source, source) {
            case (.environment, .environment(let allowlist)):
                if let allowlist, !allowlist.contains(reference.id) {
                    return no(.notAllowed, "\"\(reference.provider)\" does not hand out \(reference.id).")
                }
                return .answer(variable(reference.id, variables))
            case (.file, .file), (.helper, .helper):
                return .ask(Question(alias: reference.provider, source: source))
            default:
                break
            }
        } else if reference.source == .environment, reference.provider == environmentAlias {
            return .answer(variable(reference.id, variables))
        }
        return no(
            .unknownProvider,
            "secrets.providers has no \"\(reference.provider)\" of the kind \(reference.source.rawValue).")
    }

    private func variable(_ name: String, _ variables: [String: Secret]) -> Result<Secret, SecretResolutionError> {
        guard let value = variables[name], !value.isBlank else {
            return .failure(SecretResolutionError(.notFound, "The variable \(name) is not set, or empty."))
        }
        return .success(value)
    }

    private func answer(_ question: Question, variables: [String: Secret], retriesNow: Bool) async -> Answer {
        switch question.source {
        case .environment:
            return Answer(alias: question.alias)
        case .file(let path, let isSingleValue, let timeout, let maximum):
            let file = SecretFile(path: path, isSingleValue: isSingleValue, maximum: maximum)
            return await answer(question, file: file, timeout: timeout)
        case .helper(let command):
            let ids = Set(question.references.map(\.id))
            let outcome = await helpers.ask(
                question.alias, command: command, ids: ids, variables: variables, retriesNow: retriesNow)
            return answer(question, outcome: outcome, command: command)
        }
    }

    private func answer(_ question: Question, file: SecretFile, timeout: Duration) async -> Answer {
        var answer = Answer(alias: question.alias)
        func fail(_ code: SecretResolutionError.Code, _ message: String, _ reading: Reading<SecretSourceFact>) {
            answer.reading = reading
            for reference in question.references {
                answer.values[reference] = .failure(SecretResolutionError(code, message))
            }
        }
        do {
            let outcome = try await pool.run("secret file", deadline: .after(min(timeout, .seconds(120)))) {
                file.load()
            }
            switch outcome {
            case .absent:
                fail(.notFound, "The file of secrets is not there.", .absent)
            case .failed(let problem):
                let code: SecretResolutionError.Code =
                    problem.code == .permissionsTooOpen || problem.code == .notRegularFile
                    ? .insecurePath : .sourceUnreadable
                fail(code, problem.message, .failed(problem))
            case .found(let contents):
                for reference in question.references { answer.values[reference] = contents.secret(reference.id) }
                answer.reading = .found(
                    contents.fact(of: question.references.map(\.id)), version: contents.version)
            }
        } catch let error as SystemError where error.code == .deadlineExceeded {
            fail(
                .timedOut, "The file of secrets did not answer in time.",
                .timedOut(afterMilliseconds: timeout.milliseconds))
        } catch {
            let problem = SourceProblem(
                .unreadable, "The file of secrets could not be read now.", path: file.path, remedy: "Try again.")
            fail(.sourceUnreadable, problem.message, .failed(problem))
        }
        return answer
    }

    private func answer(
        _ question: Question, outcome: SecretHelpers.Outcome, command: SecretHelperCommand
    ) -> Answer {
        var answer = Answer(alias: question.alias)
        switch outcome {
        case .success(let results):
            var fact = SecretSourceFact()
            var contents: [[UInt8]] = []
            for reference in question.references.sorted() {
                let result =
                    results[reference.id]
                    ?? .failure(SecretResolutionError(.notFound, "The helper has no such secret."))
                answer.values[reference] = result
                let presence = SecretSourceFact.Presence(result)
                fact.ids[reference.id] = presence
                let digest = result.digest ?? "\(presence)"
                contents += [Array(reference.id.utf8), Array(digest.utf8)]
            }
            answer.reading = .found(fact, version: FactVersion(of: contents))
        case .failure(let error):
            for reference in question.references { answer.values[reference] = .failure(error) }
            answer.reading =
                error.code == .timedOut
                ? .timedOut(afterMilliseconds: command.timeout.milliseconds)
                : .failed(
                    SourceProblem(
                        .helperFailed, error.message,
                        remedy: "Run the program by hand, and look at secrets.providers.\(question.alias)."))
        }
        return answer
    }
}

extension Result<Secret, SecretResolutionError> {
    /// Changes with the secret, and does not tell it.
    fileprivate var digest: String? {
        if case .success(let secret) = self { FactVersion(recognising: secret).description } else { nil }
    }
}

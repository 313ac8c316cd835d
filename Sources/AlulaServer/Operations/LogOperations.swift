/// The operations behind `logs.*`.
package protocol LogOperations: Sendable {}

using EventBroker.Sdk.Authorization;

namespace EventBroker.Sdk.Conformance.Authorizers;

/// <summary>What a plugin's author gives to <see cref="AuthorizerConformanceTests{TFixture}"/>. Disposed after its test, if it can be.</summary>
public abstract class AuthorizerFixture
{
    /// <summary>Gets who must be allowed what. Empty for an authorizer that allows nobody.</summary>
    public abstract IReadOnlyList<AuthorizerCase> Allowed { get; }

    /// <summary>Gets who must be denied what, wrong credentials among them. Empty for an authorizer that allows everybody.</summary>
    public abstract IReadOnlyList<AuthorizerCase> Denied { get; }

    /// <summary>Gets whether an answer that was given before comes without waiting. Default true.</summary>
    public virtual bool AnswersAtOnce => true;

    /// <summary>Makes the authorizer. The test disposes it, if it can be.</summary>
    /// <returns>The authorizer.</returns>
    public abstract ValueTask<IAuthorizer> CreateAsync();
}

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>Stands for a whole suite: what its tests share ends with it.</summary>
/// <typeparam name="TFixture">The suite's fixture.</typeparam>
public sealed class SuiteEnd<TFixture> : IAsyncDisposable
    where TFixture : TransportFixture, new()
{
    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var fixture = new TFixture();
        await fixture.EndSuiteAsync().ConfigureAwait(false);
        await fixture.EndAsync().ConfigureAwait(false);
    }
}

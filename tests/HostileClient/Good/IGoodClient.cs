namespace HostileClient.Good;

/// <summary>Somebody who uses the broker as it is meant to be used, and notices what becomes of it.</summary>
internal interface IGoodClient : IAsyncDisposable
{
    /// <summary>Gets what is measured, by protocol.</summary>
    IReadOnlyList<(string Name, Latencies Latencies)> Measured { get; }

    /// <summary>Begins a message or a question, and returns before it is answered.</summary>
    void Send();

    /// <summary>Waits for what is under way.</summary>
    /// <returns>What went wrong in the whole run; empty if nothing did.</returns>
    Task<IReadOnlyList<string>> EndAsync(CancellationToken cancellation);
}

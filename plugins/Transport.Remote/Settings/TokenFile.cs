using EventBroker.Client;
using Grpc.Core;

namespace EventBroker.Transport.Remote.Settings;

/// <summary>A token in a file that somebody else renews.</summary>
internal sealed class TokenFile(string path, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    // One reference, so that a token is never seen with another's time.
    private Entry? _last;

    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _last) is { } last && time.GetElapsedTime(last.ReadAt) < Lifetime)
        {
            return last.Token;
        }

        try
        {
            var token = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
            if (token.Length == 0)
            {
                // Being written anew.
                throw new IOException("the file is empty");
            }

            Volatile.Write(ref _last, new Entry(token, time.GetTimestamp()));
            return token;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Fails the call: one without credentials would be a call of somebody else. It may be there again the next time.
            throw new EventBrokerException(ErrorCode.Unavailable, "the broker's own token can't be read", exception);
        }
    }

    private sealed record Entry(string Token, long ReadAt);
}

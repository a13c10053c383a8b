namespace EventBroker.Client.Options;

/// <summary>What options of a transport must fulfil.</summary>
internal static class RemoteTransportOptionsRules
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan LeastTimeout = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan HalfSecond = TimeSpan.FromMilliseconds(500);

    public static IReadOnlyList<string> FindFaults(RemoteTransportOptions options)
    {
        var faults = new OptionFaults();
        CheckAddress(options, faults);
        faults.Check(options.AttemptTimeout is not { } attempt || (attempt >= LeastTimeout && attempt <= Day), "AttemptTimeout", "must be 10 ms to a day, or null for none");
        faults.Check(options.ConnectTimeout > TimeSpan.Zero && options.ConnectTimeout <= Day, "ConnectTimeout", "must be above zero, and a day at the most");
        faults.InRange(options.MaxMessageBytes, 1024, int.MaxValue, "MaxMessageBytes");
        faults.Check(options.Source is null || HeaderRules.IsVisibleAscii(options.Source), "Source", "goes into a header: visible ASCII characters and blanks are allowed");
        foreach (var (name, value) in options.Headers)
        {
            faults.Check(HeaderRules.IsName(name), $"Headers['{name}']", "is no header name: letters, digits, '-', '_' and '.' are allowed, and binary headers (-bin) are not");
            faults.Check(value is not null && HeaderRules.IsVisibleAscii(value), $"Headers['{name}']", "has a value that no header takes: visible ASCII characters and blanks are allowed");
        }

        faults.Include("Retry", RetryOptionsRules.FindFaults(options.Retry));
        faults.Include("Reconnect", RetryOptionsRules.FindFaults(options.Reconnect));
        faults.Check(options.KeepAliveInterval is not { } interval || (interval >= TimeSpan.FromSeconds(1) && interval <= Day), "KeepAliveInterval", "must be 1 second to a day, or null for never");
        faults.InRange(options.KeepAliveTimeout, TimeSpan.FromSeconds(1), Day, "KeepAliveTimeout");
        CheckBreaker(options.CircuitBreaker, faults);
        faults.InRange(options.SettlementBatchSize, 1, 10_000, "SettlementBatchSize");
        faults.InRange(options.SettlementLinger, TimeSpan.Zero, TimeSpan.FromMinutes(1), "SettlementLinger");
        faults.InRange(options.CloseTimeout, TimeSpan.Zero, Day, "CloseTimeout");
        faults.Check(
            options is not { TrustedAuthorities: not null, ServerCertificateValidation: not null },
            "TrustedAuthorities", "and ServerCertificateValidation exclude each other");
        faults.Check(
            options.ClientCertificate is not { HasPrivateKey: false }, "ClientCertificate", "has no private key");
        return faults.All;
    }

    private static void CheckAddress(RemoteTransportOptions options, OptionFaults faults)
    {
        if (options.Address is not { } address)
        {
            faults.Check(isRight: false, "Address", "is required, such as http://127.0.0.1:9090");
            return;
        }

        var isRight = address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);
        faults.Check(isRight, "Address", $"is '{address}'; it must begin with http:// or https://");
        faults.Check(
            !isRight || options.TokenProvider is null || options.AllowTokenWithoutTls || address.Scheme == Uri.UriSchemeHttps || address.IsLoopback,
            "TokenProvider", "would send tokens unencrypted to another machine: use https, or set AllowTokenWithoutTls");
    }

    private static void CheckBreaker(CircuitBreakerOptions breaker, OptionFaults faults)
    {
        faults.InRange(breaker.FailureThreshold, 2, 1_000_000, "CircuitBreaker.FailureThreshold");
        faults.Check(breaker.FailureRatio is > 0 and <= 1, "CircuitBreaker.FailureRatio", "must be above 0, and 1 at the most");
        faults.InRange(breaker.SamplingTime, HalfSecond, Day, "CircuitBreaker.SamplingTime");
        faults.InRange(breaker.RecoveryTime, HalfSecond, Day, "CircuitBreaker.RecoveryTime");
    }
}

namespace EventBroker.Client.Options;

/// <summary>Copies options, so that what is in force can't be changed from outside.</summary>
internal static class OptionsSnapshot
{
    public static RemoteTransportOptions Of(RemoteTransportOptions options) => new()
    {
        Address = options.Address,
        Source = options.Source,
        TokenProvider = options.TokenProvider,
        AllowTokenWithoutTls = options.AllowTokenWithoutTls,
        Headers = new Dictionary<string, string>(options.Headers, StringComparer.OrdinalIgnoreCase),
        AttemptTimeout = options.AttemptTimeout,
        ConnectTimeout = options.ConnectTimeout,
        MaxMessageBytes = options.MaxMessageBytes,
        ShareCalls = options.ShareCalls,
        HttpHandler = options.HttpHandler,
        Retry = Of(options.Retry),
        CircuitBreaker = new CircuitBreakerOptions
        {
            Enabled = options.CircuitBreaker.Enabled,
            FailureThreshold = options.CircuitBreaker.FailureThreshold,
            FailureRatio = options.CircuitBreaker.FailureRatio,
            SamplingTime = options.CircuitBreaker.SamplingTime,
            RecoveryTime = options.CircuitBreaker.RecoveryTime,
        },
        Reconnect = Of(options.Reconnect),
        KeepAliveInterval = options.KeepAliveInterval,
        KeepAliveTimeout = options.KeepAliveTimeout,
        SettlementBatchSize = options.SettlementBatchSize,
        SettlementLinger = options.SettlementLinger,
        CloseTimeout = options.CloseTimeout,
        ClientCertificate = options.ClientCertificate,
        TrustedAuthorities = options.TrustedAuthorities,
        ServerCertificateValidation = options.ServerCertificateValidation,
    };

    public static RetryOptions Of(RetryOptions options) => new()
    {
        MaxRetries = options.MaxRetries,
        FirstBackoff = options.FirstBackoff,
        LongestBackoff = options.LongestBackoff,
        UseJitter = options.UseJitter,
    };

    public static SubscribeOptions Of(SubscribeOptions options) => new()
    {
        WorkerGroup = options.WorkerGroup,
        Start = options.Start,
        StartTime = options.StartTime,
        ResumeAfter = options.ResumeAfter,
        ConsumerId = options.ConsumerId,
        TakeOver = options.TakeOver,
        MaxAge = options.MaxAge,
        LatestOnly = options.LatestOnly,
        AutoAck = options.AutoAck,
        AckTimeout = options.AckTimeout,
        MaxInFlight = options.MaxInFlight,
        MaxExtension = options.MaxExtension,
        BufferSize = options.BufferSize,
        BufferBytes = options.BufferBytes,
        RegisterMissingEvent = options.RegisterMissingEvent,
        OnFault = options.OnFault,
        OnOpened = options.OnOpened,
    };
}

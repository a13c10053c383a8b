using EventBroker.Host.Configuration;
using EventBroker.Sdk.Settings;

namespace EventBroker.Host.Listening;

// Where the broker will listen, with addresses and certificate checked.
internal sealed class ListenPlan
{
    private const string DefaultGrpc = "http://127.0.0.1:9090";
    private const string DefaultHttp = "http://127.0.0.1:8080";

    private readonly ICollection<SettingsError> _errors;

    private ListenPlan(ICollection<SettingsError> errors) => _errors = errors;

    public ListenAddress? Grpc { get; private init; }

    public ListenAddress? Http { get; private init; }

    public ListenAddress? Https { get; private init; }

    public TlsSettings? Tls { get; private set; }

    public IEnumerable<ListenAddress> Addresses => new[] { Grpc, Http, Https }.OfType<ListenAddress>();

    public static ListenPlan Prepare(ListenSettings settings, ICollection<SettingsError> errors)
    {
        var withTls = !string.IsNullOrEmpty(settings.Https);
        var plan = new ListenPlan(errors)
        {
            Grpc = Parse("grpc", "http", settings.Grpc ?? (withTls ? null : DefaultGrpc), errors),
            Http = Parse("http", "http", settings.Http ?? (withTls ? null : DefaultHttp), errors),
            Https = Parse("https", "https", settings.Https, errors),
        };
        plan.CheckPorts();
        plan.ReadCertificate(settings.Certificate, settings.ClientCertificates);
        return plan;
    }

    private static ListenAddress? Parse(string name, string scheme, string? text, ICollection<SettingsError> errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var address = ListenAddress.TryParse(name, scheme, text);
        if (address is null)
        {
            errors.Add(new SettingsError
            {
                Path = $"$.listen.{name}",
                Message = $"must be an address such as {scheme}://127.0.0.1:{(name == "grpc" ? 9090 : 8080)} without a path, not '{text}'",
            });
        }

        return address;
    }

    private void CheckPorts()
    {
        foreach (var pair in Addresses.Where(static a => a.Port > 0).GroupBy(static a => a.Port).Where(static g => g.Count() > 1))
        {
            Fault(
                $"$.listen.{pair.Last().Name}",
                $"port {pair.Key} is taken by $.listen.{pair.First().Name} already; without TLS gRPC and HTTP/1.1 need a port each, and https serves both");
        }
    }

    private void ReadCertificate(CertificateSettings? settings, ClientCertificateSettings? clients)
    {
        if (Https is null && clients is not null)
        {
            Fault("$.listen.https", "is required: client certificates are configured, and no https address");
        }

        if (Https is null || settings is null)
        {
            if (Https is not null)
            {
                Fault("$.listen.certificate", "is required by https");
            }
            else if (settings is not null)
            {
                Fault("$.listen.https", "is required: a certificate is configured, and no https address");
            }

            return;
        }

        if (settings.Path.Length == 0)
        {
            return;
        }

        try
        {
            if (clients?.AuthoritiesPath is { } path)
            {
                CertificateFiles.ReadAuthorities(path);
            }
        }
        catch (Exception exception) when (CertificateFiles.IsFault(exception))
        {
            Fault("$.listen.clientCertificates.authoritiesPath", $"{clients!.AuthoritiesPath} can't be used: {exception.Message}");
            return;
        }

        try
        {
            Tls = TlsSettings.Load(settings, clients);
        }
        catch (Exception exception) when (CertificateFiles.IsFault(exception))
        {
            Fault("$.listen.certificate", $"{settings.Path} can't be used: {exception.Message}");
        }
    }

    private void Fault(string path, string message) => _errors.Add(new SettingsError { Path = path, Message = message });
}

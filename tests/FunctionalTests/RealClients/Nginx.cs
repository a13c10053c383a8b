using System.Diagnostics;
using System.Globalization;

namespace EventBroker.FunctionalTests.RealClients;

// A real nginx in front of a broker, configured as docs/operations.md says. While nobody listens behind it answers 502.
internal sealed class Nginx : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventbroker-nginx-");
    private readonly ReservedPort _port = new();
    private readonly Process _process;

    public Nginx(Uri broker)
    {
        var configuration = Path.Combine(_folder.FullName, "nginx.conf");
        File.WriteAllText(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            master_process off;
            pid {{_folder.FullName}}/pid;
            error_log stderr crit;
            events { worker_connections 512; }
            http {
              access_log off;
              client_body_temp_path {{_folder.FullName}}/body;
              proxy_temp_path {{_folder.FullName}}/proxy;
              fastcgi_temp_path {{_folder.FullName}}/fastcgi;
              uwsgi_temp_path {{_folder.FullName}}/uwsgi;
              scgi_temp_path {{_folder.FullName}}/scgi;
              map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
              server {
                listen 127.0.0.1:{{_port.EndPoint.Port}};
                location / {
                  proxy_pass {{broker.GetLeftPart(UriPartial.Authority)}};
                  proxy_http_version 1.1;
                  proxy_set_header Host $http_host;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $connection_upgrade;
                  proxy_read_timeout 75s;
                }
              }
            }
            """));
        _process = Process.Start(new ProcessStartInfo(Find(), ["-p", _folder.FullName, "-c", configuration]) { UseShellExecute = false })!;
    }

    public Uri Address => new($"http://127.0.0.1:{_port.EndPoint.Port}");

    // Until it listens.
    public async Task ReadyAsync()
    {
        using var http = new HttpClient();
        while (!_process.HasExited)
        {
            try
            {
                using var response = await http.GetAsync(Address);
                return;
            }
            catch (HttpRequestException)
            {
                // Not yet.
                await Task.Yield();
            }
        }

        Assert.Fail($"nginx ended with {_process.ExitCode}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _port.Dispose();
        _folder.Delete(recursive: true);
    }

    // Debian keeps it where only root has it on the path.
    private static string Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
            .Select(static folder => Path.Combine(folder, "nginx")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("no nginx on the PATH: ./test.sh installs it, or apt-get install nginx");
}

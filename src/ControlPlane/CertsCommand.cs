using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Certificates;
using ControlPlane.Registry.Tables;
using ControlPlane.Store;
using KubeApi;

namespace ControlPlane;

/// <summary><c>controlplane certs check-expiration|renew</c>: kubeadm's commands for the certificates that lie in files.</summary>
internal static class CertsCommand
{
    private const string Admin = "admin.conf", Server = "apiserver", Authority = "ca", All = "all";

    public static Command Create(Option<DirectoryInfo> dataDirectory)
    {
        var kubeconfig = new Option<string?>("--kubeconfig") { Description = "The administrator's kubeconfig [default: admin.conf in the data directory]", HelpName = "FILE" };

        var check = new Command("check-expiration", "Prints when the certificates end") { dataDirectory, kubeconfig };
        check.SetAction(parsed => With(parsed.GetValue(dataDirectory)!, parsed.GetValue(kubeconfig), Print));

        var what = new Argument<string>("CERTIFICATE") { Description = "admin.conf: the administrator's, whose file is written anew, for the same user; copies of it elsewhere keep the old one. "
            + "apiserver: the API server's, which a running control plane replaces by itself before it ends, and shows within a minute. ca: the authority's, for the same key, after which "
            + "the control plane is restarted and nodes join again before the old one ends. all: admin.conf and apiserver" };
        what.AcceptOnlyFromAmong(Admin, Server, Authority, All);
        var renew = new Command("renew", "Makes a certificate anew, whether it ends soon or not; the control plane may be running") { what, dataDirectory, kubeconfig };
        renew.SetAction(parsed => With(parsed.GetValue(dataDirectory)!, parsed.GetValue(kubeconfig), (authority, pki, file) =>
        {
            var name = parsed.GetValue(what)!;
            if (name == Admin && !File.Exists(file)) throw new FormatException($"there is no {file}: name the administrator's kubeconfig with --kubeconfig, or make one with 'controlplane kubeconfig admin'");
            if (name is Admin or All && File.Exists(file)) Done(Admin, KubeconfigRenewal.Run(authority, file));
            if (name is Server or All) Done(Server, authority.RenewServingCertificate());
            if (name is Authority) Done(Authority, authority.RenewAuthority());
        }));
        return new Command("certs", "The cluster's certificates: when they end, and new ones") { check, renew };
    }

    private static void Done(string name, DateTime end) => Console.WriteLine($"{name}: renewed, until {Time(end)}");

    private static void Print(ClusterCa authority, string pki, string kubeconfig)
    {
        Console.WriteLine($"{"CERTIFICATE",-14}{"EXPIRES",-26}{"RESIDUAL TIME",-16}RENEWED BY");
        if (File.Exists(kubeconfig)) Row(Admin, () => X509Certificate2.CreateFromPem(Kubeconfig.Load(kubeconfig).ClientCertificate), $"controlplane certs renew {Admin}");
        if (Path.Combine(pki, "apiserver.crt") is var serving && File.Exists(serving)) Row(Server, () => X509CertificateLoader.LoadCertificateFromFile(serving), "the control plane itself, while it runs");
        Row(Authority, () => X509CertificateLoader.LoadCertificate(authority.Certificate.RawData), $"controlplane certs renew {Authority}");
    }

    private static void Row(string name, Func<X509Certificate2> read, string by)
    {
        using var certificate = read();
        var end = certificate.NotAfter.ToUniversalTime();
        Console.WriteLine($"{name,-14}{Time(end),-26}{(end < DateTime.UtcNow ? "<expired>" : HumanDuration.Format(end - DateTime.UtcNow)),-16}{by}");
    }

    private static string Time(DateTime end) => end.ToString("MMM dd, yyyy HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static int With(DirectoryInfo directory, string? kubeconfig, Action<ClusterCa, string, string> work)
    {
        try
        {
            var pki = new StoreFiles(directory.FullName).Pki;
            if (!File.Exists(Path.Combine(pki, "ca.key"))) throw new FormatException($"there is no control plane in {directory.FullName}: run this on its machine, as its user (sudo), or name its --data-dir");
            using var authority = ClusterCa.Open(pki);
            work(authority, pki, kubeconfig ?? Path.Combine(directory.FullName, Admin));
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
        {
            Console.Error.WriteLine($"controlplane: {e.Message}");
            return 1;
        }
    }
}

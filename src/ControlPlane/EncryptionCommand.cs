using System.CommandLine;
using System.Security.Cryptography;
using ControlPlane.Store;

namespace ControlPlane;

/// <summary><c>controlplane encryption rotate</c>: a new key for the Secrets, while the control plane is stopped.</summary>
internal static class EncryptionCommand
{
    public static Command Create(Option<DirectoryInfo> dataDirectory)
    {
        var rotate = new Command("rotate", "Makes a new key, encrypts every Secret with it and forgets the old one; the control plane must be stopped meanwhile") { dataDirectory };
        rotate.SetAction(parsed => Rotate(parsed.GetValue(dataDirectory)!.FullName));
        return new Command("encryption", "The encryption of Secrets in the store") { rotate };
    }

    private static int Rotate(string directory)
    {
        try
        {
            var (key, count) = KeyRotation.Run(new StoreFiles(directory));
            Console.WriteLine($"{count} Secrets are encrypted with key {key}, the older keys are forgotten. Backups made before still have the old key in them.");
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or StoreDamagedException)
        {
            Console.Error.WriteLine($"controlplane: {e.Message}");
            return 1;
        }
    }
}

<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * The Bun with which this release of Revurb is tested, and its executables. `make bun-release` writes the constants.
 */
final readonly class BunRelease
{
    public const VERSION = '1.4.5';

    /** The executables by the name of their target: bytes, and SHA-512. */
    public const TARGETS = [
        'linux-x64' => [
            'bytes' => 107_394_952,
            'sha512' => ['27b0ec7898052c175e00fbf09aff182bcd7e49c5184d2773ef3000d12a1ba3e7ca8f9c99335b7ad9f486a1fe23f199d045a287e07457ee4c79ddb7722656f944'],
        ],
        'linux-x64-musl' => [
            'bytes' => 100_988_344,
            'sha512' => ['8d0dba7b2ed40001dd493d7b89337ad492d77d721a4fe4369ee8fedbdbbe930a531dd500716efb41d2472a3f6e293a08d3fc1e762fa2e035c1dac761a16d82c3'],
        ],
        'linux-aarch64' => [
            'bytes' => 107_405_304,
            'sha512' => ['3785eec45cae559de071e0a1849f30cd76792ced99ee124e6344826da7abd1b4867dc3c95573c7ecd529cfa8c813ec08a3c3ee81839c1e585a9ebd73d659a2db'],
        ],
        'linux-aarch64-musl' => [
            'bytes' => 99_823_264,
            'sha512' => ['d2400eeebe35879d2ddc9e953e40e4ff16ab3ccfda61d57da270be5e769acc3b99d2bef92a7df611cd733a86c35a0df157c7124e46978b7878792895f4c17636'],
        ],
        'darwin-x64' => [
            'bytes' => 98_251_056,
            'sha512' => ['df3aa4bc90e9ef42dcc2ac548b4a63f6cadf47ea775851a1830e77b677fdb62408fbd7b4f3de4658f01966774f68afb71d009581cff23344f1cd297de63f9604'],
        ],
        'darwin-aarch64' => [
            'bytes' => 88_661_024,
            'sha512' => ['318fa753eeb53c45bfb4909ca0cf311637c66454dd62d983ce7a9a1cd2138179b1e0b146270e09bbddaf63af9f232d14008e653d584c654bded92901c48424e0'],
        ],
    ];

    /** @param  array<string, array{bytes: int, sha512: list<string>}>  $targets */
    public function __construct(
        public string $version = self::VERSION,
        private array $targets = self::TARGETS,
    ) {}

    /** Bytes of the executable. */
    public function bytes(string $target): int
    {
        return $this->targets[$target]['bytes'] ?? 0;
    }

    /** @return list<string> any of which the executable may have: archives of one version may hold different builds */
    public function hashes(string $target): array
    {
        return $this->targets[$target]['sha512'] ?? [];
    }
}

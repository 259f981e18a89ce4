<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * The Bun with which this release of Revurb is tested, and its executables. `make bun-release` writes the constants from the packages of
 * npm, into which Bun's own release puts the executables of GitHub's archives
 * (https://github.com/oven-sh/bun/blob/main/packages/bun-release/scripts/upload-npm.ts).
 */
final readonly class BunRelease
{
    public const VERSION = '1.4.5';

    /** The executables of each target by their SHA-512, and how many bytes they have. Archives of one version may hold different builds. */
    public const TARGETS = [
        'linux-x64' => [
            '27b0ec7898052c175e00fbf09aff182bcd7e49c5184d2773ef3000d12a1ba3e7ca8f9c99335b7ad9f486a1fe23f199d045a287e07457ee4c79ddb7722656f944' => 107_394_952,
        ],
        'linux-x64-musl' => [
            '8d0dba7b2ed40001dd493d7b89337ad492d77d721a4fe4369ee8fedbdbbe930a531dd500716efb41d2472a3f6e293a08d3fc1e762fa2e035c1dac761a16d82c3' => 100_988_344,
        ],
        'linux-aarch64' => [
            '3785eec45cae559de071e0a1849f30cd76792ced99ee124e6344826da7abd1b4867dc3c95573c7ecd529cfa8c813ec08a3c3ee81839c1e585a9ebd73d659a2db' => 107_405_304,
        ],
        'linux-aarch64-musl' => [
            'd2400eeebe35879d2ddc9e953e40e4ff16ab3ccfda61d57da270be5e769acc3b99d2bef92a7df611cd733a86c35a0df157c7124e46978b7878792895f4c17636' => 99_823_264,
        ],
        'darwin-x64' => [
            'df3aa4bc90e9ef42dcc2ac548b4a63f6cadf47ea775851a1830e77b677fdb62408fbd7b4f3de4658f01966774f68afb71d009581cff23344f1cd297de63f9604' => 98_251_056,
        ],
        'darwin-aarch64' => [
            '318fa753eeb53c45bfb4909ca0cf311637c66454dd62d983ce7a9a1cd2138179b1e0b146270e09bbddaf63af9f232d14008e653d584c654bded92901c48424e0' => 88_661_024,
        ],
    ];

    /** @param  array<string, array<string, int>>  $targets */
    public function __construct(
        public string $version = self::VERSION,
        private array $targets = self::TARGETS,
    ) {}

    /** @return list<string> the SHA-512 in hexadecimal digits, one of which the executable must have */
    public function hashes(string $target): array
    {
        return array_map(strval(...), array_keys($this->targets[$target] ?? []));
    }

    /** @return list<int> the bytes that it may have */
    public function sizes(string $target): array
    {
        return array_values(array_unique($this->targets[$target] ?? []));
    }

    /** The bytes that it has at most. */
    public function bytes(string $target): int
    {
        return max([0, ...$this->sizes($target)]);
    }
}

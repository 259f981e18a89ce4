<?php

use App\Http\Controllers\ChatController;
use App\Http\Controllers\SessionController;
use App\Http\Controllers\WaveController;
use Illuminate\Support\Facades\Route;

Route::get('/', [ChatController::class, 'show']);
Route::post('/session', [SessionController::class, 'store']);
Route::delete('/session', [SessionController::class, 'destroy']);

Route::middleware('auth')->group(function () {
    Route::get('/messages', [ChatController::class, 'index']);
    Route::post('/messages', [ChatController::class, 'store']);
    Route::post('/users/{user}/wave', WaveController::class);
});
